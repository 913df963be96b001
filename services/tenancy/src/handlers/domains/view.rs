use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::{DomainId, UserId};

use crate::domain::domain_status::DomainStatus;
use crate::domain::mail_domain::{record_name, record_value};
use crate::store::domains::DomainRow;

/// A domain that a workspace says is its own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Domain {
    id: DomainId,
    /// In ASCII and in small letters.
    #[schema(example = "example.org")]
    domain: String,
    status: DomainStatus,
    /// Whether who has a proved address of the domain may join as a MEMBER.
    joining: bool,
    /// What proves it.
    record: DnsRecord,
    #[schema(required)]
    verified_at: Option<DateTime<Utc>>,
    /// When the DNS last gave an answer.
    #[schema(required)]
    checked_at: Option<DateTime<Utc>>,
    /// Since when the record has been gone.
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    created_by: UserId,
    created_at: DateTime<Utc>,
}

/// A TXT record that has to be in the DNS, and to stay there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DnsRecord {
    #[schema(example = "_witan-challenge.example.org")]
    name: String,
    #[schema(example = "witan-verification=c2VjcmV0")]
    value: String,
}

impl Domain {
    pub(super) fn of(row: DomainRow) -> Self {
        Self {
            status: row.status(),
            record: DnsRecord { name: record_name(&row.domain), value: record_value(&row.challenge) },
            id: row.id,
            domain: row.domain,
            joining: row.joining,
            verified_at: row.verified_at,
            checked_at: row.checked_at,
            failing_since: row.failing_since,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// The domain of a path.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainPath {
    pub(super) domain_id: DomainId,
}
