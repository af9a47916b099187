//! Values that are bound to the parameters of a statement.
use super::{SqlError, SqlResult};
use uuid::Uuid;

/// A value for a parameter. Texts are borrowed, and an ID is written to the stack: binding allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param<'p> {
    Null,
    Integer(i64),
    Text(&'p str),
    Bytes(&'p [u8]),
    Id(Uuid),
}

/// A value that a parameter can have.
pub trait ToParam {
    /// # Errors
    /// If the value is out of range.
    fn to_param(&self) -> SqlResult<Param<'_>>;
}

/// Values for all parameters of a statement: a tuple, or an array.
pub trait SqlParams {
    /// Passes each value to `bind`, in order.
    ///
    /// # Errors
    /// If a value is out of range, and the errors of `bind`.
    fn each(self, bind: impl FnMut(Param<'_>) -> SqlResult<()>) -> SqlResult<()>;
}

/// A value of a parameter in a list whose length is only known at run time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Integer(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl ToParam for Value {
    fn to_param(&self) -> SqlResult<Param<'_>> {
        Ok(match self {
            Self::Integer(value) => Param::Integer(*value),
            Self::Text(text) => Param::Text(text),
        })
    }
}

macro_rules! integers {
    ($($kind:ty),+) => {
        $(impl ToParam for $kind {
            #[inline]
            fn to_param(&self) -> SqlResult<Param<'_>> {
                Ok(Param::Integer(i64::from(*self)))
            }
        })+
    };
}
integers!(i64, u32, bool);

macro_rules! large_integers {
    ($($kind:ty),+) => {
        $(impl ToParam for $kind {
            #[inline]
            fn to_param(&self) -> SqlResult<Param<'_>> {
                i64::try_from(*self).map(Param::Integer).map_err(|_| SqlError::TooLarge)
            }
        })+
    };
}
large_integers!(u64, usize);

impl ToParam for str {
    #[inline]
    fn to_param(&self) -> SqlResult<Param<'_>> {
        Ok(Param::Text(self))
    }
}

impl ToParam for String {
    #[inline]
    fn to_param(&self) -> SqlResult<Param<'_>> {
        Ok(Param::Text(self))
    }
}

impl ToParam for Uuid {
    #[inline]
    fn to_param(&self) -> SqlResult<Param<'_>> {
        Ok(Param::Id(*self))
    }
}

impl<T: ToParam> ToParam for Option<T> {
    #[inline]
    fn to_param(&self) -> SqlResult<Param<'_>> {
        self.as_ref().map_or(Ok(Param::Null), T::to_param)
    }
}

impl<T: ToParam + ?Sized> ToParam for &T {
    #[inline]
    fn to_param(&self) -> SqlResult<Param<'_>> {
        T::to_param(self)
    }
}

impl SqlParams for () {
    #[inline]
    fn each(self, _: impl FnMut(Param<'_>) -> SqlResult<()>) -> SqlResult<()> {
        Ok(())
    }
}

impl<T: ToParam, const N: usize> SqlParams for [T; N] {
    #[inline]
    fn each(self, bind: impl FnMut(Param<'_>) -> SqlResult<()>) -> SqlResult<()> {
        self.as_slice().each(bind)
    }
}

impl<T: ToParam> SqlParams for &[T] {
    #[inline]
    fn each(self, mut bind: impl FnMut(Param<'_>) -> SqlResult<()>) -> SqlResult<()> {
        self.iter().try_for_each(|value| bind(value.to_param()?))
    }
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        impl<$first: ToParam, $($rest: ToParam),*> SqlParams for ($first, $($rest),*) {
            #[inline]
            fn each(self, mut bind: impl FnMut(Param<'_>) -> SqlResult<()>) -> SqlResult<()> {
                #[allow(non_snake_case, reason = "the values are named like their types")]
                let ($first, $($rest),*) = self;
                bind($first.to_param()?)?;
                $(bind($rest.to_param()?)?;)*
                Ok(())
            }
        }
        tuples!($($rest)*);
    };
    () => {};
}
tuples!(A B C D E F G H I J K L M N O P Q R S T U V W X Y Z Last);
