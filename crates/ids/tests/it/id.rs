use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types;
use diesel::{IntoSql, expression::AsExpression};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use witan_clock::ManualClock;
use witan_ids::{IdError, REGISTRY, UserId, WorkspaceId, typeid::TypeIdError};

const TEXT: &str = "usr_01h455vb4pex5vsknk084sn02q";

#[test]
fn an_id_is_its_text_outside_and_its_uuid_inside() {
    let id: UserId = TEXT.parse().unwrap();
    assert_eq!(id.to_string(), TEXT);
    assert_eq!(format!("{id:?}"), TEXT);
    assert_eq!(id.uuid(), "01890a5d-ac96-774b-bcce-b302099a8057".parse::<Uuid>().unwrap());
    assert_eq!(UserId::from_uuid(id.uuid()), id);
}

#[test]
fn json_is_the_text() {
    let id: UserId = serde_json::from_str(&format!("{TEXT:?}")).unwrap();
    assert_eq!(serde_json::to_value(id).unwrap(), TEXT);
    let error = serde_json::from_str::<UserId>("12").unwrap_err();
    assert!(error.to_string().contains("an id that begins with `usr_`"), "{error}");
}

#[test]
fn another_kinds_id_is_refused() {
    assert_eq!(TEXT.parse::<WorkspaceId>(), Err(IdError::Prefix { expected: "wsp" }));
    assert_eq!("01h455vb4pex5vsknk084sn02q".parse::<UserId>(), Err(IdError::Prefix { expected: "usr" }));
    assert_eq!("usr_".parse::<UserId>(), Err(IdError::Malformed(TypeIdError::Length)));
    assert_eq!("".parse::<UserId>(), Err(IdError::Malformed(TypeIdError::Length)));
}

#[test]
fn new_ids_follow_the_clock_and_each_other() {
    let time: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let clock = ManualClock::at(time).clock();
    let ids: Vec<_> = (0..100).map(|_| UserId::generate(&clock)).collect();
    assert!(ids.is_sorted_by(|a, b| a < b));
    assert!(ids.is_sorted_by_key(ToString::to_string));
    assert_eq!(ids[0].uuid().get_version_num(), 7);
}

#[test]
fn the_registry_has_no_prefix_twice() {
    let prefixes: HashSet<_> = REGISTRY.iter().map(|(prefix, _)| prefix).collect();
    assert_eq!(prefixes.len(), REGISTRY.len());
    assert!(prefixes.iter().all(|prefix| prefix.len() == 3));
}

#[test]
fn the_schema_is_a_string_with_the_kinds_pattern() {
    assert_eq!(UserId::name(), "UserId");
    let schema = serde_json::to_value(UserId::schema()).unwrap();
    assert_eq!(schema["type"], "string");
    assert_eq!(schema["pattern"], "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$");
    assert_eq!(schema["examples"][0], TEXT);
}

#[test]
fn a_query_binds_an_id_as_uuid_also_where_null_is_allowed() {
    fn is_fragment(_: impl QueryFragment<Pg>) {}
    let id: UserId = TEXT.parse().unwrap();
    is_fragment(id.into_sql::<sql_types::Uuid>());
    is_fragment(AsExpression::<sql_types::Nullable<sql_types::Uuid>>::as_expression(Some(&id)));
    let sql = diesel::debug_query::<Pg, _>(&diesel::select(id.into_sql::<sql_types::Uuid>())).to_string();
    assert_eq!(sql, format!("SELECT $1 -- binds: [{TEXT}]"));
}
