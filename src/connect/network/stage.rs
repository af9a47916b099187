//! The stages of connecting to a server, with a hint for each failure.
use crate::{Error, error::DatasourceProblem};
use std::fmt;

/// The stages between resolving a host name and the first response, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectStage {
    Dns,
    Tcp,
    Tls,
    Authentication,
    Database,
    /// The connection is open, but the server violated its protocol.
    Protocol,
}

impl ConnectStage {
    /// Creates the error of a failed stage. `why` is a message of the server or a library, without file paths and
    /// secrets.
    pub fn failed(self, why: impl fmt::Display) -> Error {
        self.refused(DatasourceProblem { message: why.to_string(), ..DatasourceProblem::default() })
    }

    /// Adds the stage's name to a problem, and its hint if the problem has none.
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
            Self::Dns => "check the host name",
            Self::Tcp => {
                "check the host and the port, that the server is running, and that no firewall blocks the connection"
            }
            Self::Tls => {
                "check the TLS mode, and that the CA certificate is the one that signed the server's certificate"
            }
            Self::Authentication => {
                "check the user and the password, and the server's authentication rules for this user"
            }
            Self::Database => "check the database name, and that the user is allowed to connect to it",
            Self::Protocol => "check that a server of this type listens on the port",
        }
    }
}

impl fmt::Display for ConnectStage {
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
