use std::error::Error as StdError;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

type Source = Box<dyn StdError + Send + Sync>;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PgError {
    /// It cannot be reached, has no connection to spare, or did not answer in time. Trying later may help.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Source),
    /// A unique, exclusion or foreign key constraint refused the row.
    #[error("constraint {constraint} refused the row")]
    Conflict {
        /// The constraint's name, to be matched on.
        constraint: String,
        /// What the database said.
        #[source]
        source: DieselError,
    },
    /// There is no such row, or it is somebody else's.
    #[error("there is no such row")]
    NotFound,
    /// The login role may do what a service must not be able to do.
    #[error("the database role is refused: {0}")]
    Role(String),
    /// Anything else: a mistake in a query or in the data.
    #[error("the query failed: {0}")]
    Query(#[source] DieselError),
}

impl PgError {
    /// Whether the same work may well succeed later, without anything being changed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Query(error) => is_retryable(error),
            Self::Conflict { .. } | Self::NotFound | Self::Role(_) => false,
        }
    }

    /// The constraint that refused the row, if that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Conflict { constraint, .. } => Some(constraint),
            _ => None,
        }
    }

    pub(crate) fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl From<DieselError> for PgError {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        match &error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(
                Kind::UniqueViolation
                | Kind::ForeignKeyViolation
                | Kind::ExclusionViolation
                | Kind::RestrictViolation,
                information,
            ) => {
                let constraint = information.constraint_name().unwrap_or_default().to_owned();
                Self::Conflict { constraint, source: error }
            }
            DieselError::DatabaseError(kind, information) if is_outage(kind, information.as_ref()) => {
                Self::unavailable(error)
            }
            DieselError::BrokenTransactionManager => Self::unavailable(error),
            _ => Self::Query(error),
        }
    }
}

/// Whether a transaction lost against another one and would have succeeded alone.
///
/// Diesel has no kind for a deadlock and hands out no SQLSTATE, so the text has to tell.
pub(crate) fn is_retryable(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(_, information) => information.message() == "deadlock detected",
        _ => false,
    }
}

/// Whether the connection is gone, and with it the transaction, unless its COMMIT was sent.
pub(crate) fn is_lost(error: &DieselError) -> bool {
    use DatabaseErrorKind as Kind;
    let gone = ["terminating connection due to", "connection closed"];
    match error {
        DieselError::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, _) => true,
        DieselError::DatabaseError(_, about) => gone.iter().any(|text| about.message().starts_with(text)),
        _ => false,
    }
}

/// Texts of errors in SQLSTATE classes 53, 55P03 and 57, which say something about the server, not the query.
const OUTAGES: [&str; 9] = [
    "canceling statement due to",
    "terminating connection due to",
    "the database system is",
    "sorry, too many clients already",
    "remaining connection slots are reserved",
    "too many connections for",
    "could not obtain lock on",
    "out of memory",
    "connection closed",
];

fn is_outage(kind: &DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> bool {
    use DatabaseErrorKind as Kind;
    // A primary that became a replica answers "read only": a failover is under way.
    matches!(kind, Kind::UnableToSendCommand | Kind::ClosedConnection | Kind::ReadOnlyTransaction)
        || OUTAGES.iter().any(|text| information.message().starts_with(text))
}

/// Asserts that a statement touched exactly one row.
///
/// # Errors
/// [`PgError::NotFound`] for none; a query error for more, which rolls the transaction back.
pub fn expect_one(rows: usize) -> Result<(), PgError> {
    match rows {
        1 => Ok(()),
        0 => Err(PgError::NotFound),
        _ => Err(PgError::Query(DieselError::QueryBuilderError(
            format!("one row was to be touched, and {rows} were").into(),
        ))),
    }
}
