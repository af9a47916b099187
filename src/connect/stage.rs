//! Which stage of reaching a server failed, and what to look at.
use crate::{Error, error::DatasourceProblem};
use std::fmt;

/// What happens between a host's name and the first answer, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Dns,
    Tcp,
    Tls,
    Authentication,
    Database,
    /// The connection stands, and the server did not keep to its protocol.
    Protocol,
}

impl Stage {
    /// The stage's failure: `why` in the words of the server or of the library, without addresses of files and secrets.
    pub fn failed(self, why: impl fmt::Display) -> Error {
        self.refused(DatasourceProblem { message: why.to_string(), ..DatasourceProblem::default() })
    }

    /// The same for a refusal that says more; the stage adds its name, and its hint where there is none.
    pub fn refused(self, problem: DatasourceProblem) -> Error {
        Error::Datasource(Box::new(DatasourceProblem {
            message: format!("{self}: {}", problem.message),
            hint: problem.hint.or_else(|| Some(self.hint().to_owned())),
            unreachable: true,
            transient: problem.transient || matches!(self, Self::Dns | Self::Tcp),
            ..problem
        }))
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Dns => "check the host's name",
            Self::Tcp => "check host and port, that the server runs, and that no firewall is in between",
            Self::Tls => "check the TLS mode, and that the CA certificate is the one that signed the server's",
            Self::Authentication => "check user and password, and how the server lets this user in",
            Self::Database => "check the database's name, and that the user may connect to it",
            Self::Protocol => "check that the port is that of this kind of server",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Authentication => "authentication",
            Self::Database => "database name",
            Self::Protocol => "protocol",
        })
    }
}
