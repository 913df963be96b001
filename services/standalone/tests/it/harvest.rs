//! What somebody can see: every id in everything that they can read.

use std::collections::BTreeMap;

use serde_json::Value;
use witan_testkit::Answer;

use crate::operation::{IdPlace, Ids, all};
use crate::world::{Person, World};

/// The ids of one person's world by their prefixes, and where the lists they read go on.
#[derive(Clone, Default)]
pub(crate) struct Harvest {
    /// Those that were told first come first.
    ids: BTreeMap<String, Vec<String>>,
    /// By the operation's id.
    pub(crate) cursors: BTreeMap<String, String>,
}

impl Harvest {
    /// Takes every id in a value.
    pub(crate) fn take(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                // The ids of an example are nobody's.
                let told = members.iter().filter(|(name, _)| *name != "example");
                told.for_each(|(_, member)| self.take(member));
            }
            Value::Array(items) => items.iter().for_each(|item| self.take(item)),
            Value::String(text) => {
                if let Some(kind) = kind_of(text) {
                    let known = self.ids.entry(kind.to_owned()).or_default();
                    if !known.contains(text) {
                        known.push(text.clone());
                    }
                }
            }
            _ => {}
        }
    }

    /// One of each kind.
    pub(crate) fn first(&self) -> Ids {
        self.ids.iter().map(|(kind, ids)| (kind.clone(), ids.first().unwrap().clone())).collect()
    }

    /// Whether this one is known.
    pub(crate) fn has(&self, kind: &str, id: &str) -> bool {
        self.ids.get(kind).is_some_and(|ids| ids.iter().any(|known| known == id))
    }

    /// All of a kind.
    pub(crate) fn of(&self, kind: &str) -> impl Iterator<Item = &String> {
        self.ids.get(kind).into_iter().flatten()
    }
}

/// The prefix, when it is an id.
fn kind_of(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_once('_')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (rest.len() == 26 && rest.chars().all(plain) && kind.len() <= 4).then_some(kind)
}

/// Reads everything that `owner` can read, with what is `known` already.
pub(crate) async fn harvest(world: &World, owner: &Person, known: Harvest) -> Harvest {
    let mut harvest = known;
    let operations = all(&world.system);
    // What lists tell leads to what is below.
    for _ in 0..3 {
        for operation in operations.iter().filter(|one| one.reads() && !one.streams && one.access != "PUBLIC")
        {
            let ids = harvest.first();
            let reachable = |place: &IdPlace| !place.place.is_path() || ids.contains_key(&place.kind);
            if !operation.places.iter().all(reachable) {
                continue;
            }
            let client = world.client(operation.service, owner);
            let answer: Answer = operation.call(&client, &ids, None).await;
            if answer.status.is_success() {
                harvest.take(&answer.json);
            }
        }
    }
    for operation in operations.iter().filter(|one| one.pages && one.access != "PLATFORM") {
        let client = world.client(operation.service, owner);
        let page = operation.page(&client, &harvest.first(), None).await;
        if let Some(cursor) = page.json["nextCursor"].as_str() {
            harvest.cursors.insert(operation.id.clone(), cursor.to_owned());
        }
    }
    harvest
}
