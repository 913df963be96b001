//! An id of another workspace is as good as one that does not exist, wherever an id is taken.

use std::collections::BTreeMap;

use witan_ids::WorkspaceId;
use witan_testkit::Answer;

use crate::furniture::furnish_both;
use crate::harvest::harvest;
use crate::operation::{IdPlace, Ids, Operation, all};
use crate::tables::rows_of;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn another_workspaces_ids_answer_like_ids_of_nothing() {
    let world = World::start().await;
    let (theirs, own) = furnish_both(&world).await;
    let theirs = harvest(&world, &world.ada, theirs).await;
    let own = harvest(&world, &world.grace, own).await;
    let before = rows_of(&world, &world.ada).await;
    let mut failures = Vec::new();
    for operation in all(&world.system).iter().filter(|one| one.access != "PLATFORM") {
        for about in &operation.places {
            // What both can see is everybody's: a catalogue.
            let ids: Vec<&String> = theirs.of(&about.kind).filter(|id| !own.has(&about.kind, id)).collect();
            if ids.is_empty() {
                failures
                    .push(format!("{operation}: nobody owns a {}_…: make one in furniture.rs", about.kind));
            }
            for id in ids {
                failures.extend(compare(&world, operation, about, id, &own.first()).await);
            }
        }
        if operation.pages {
            let cursor = theirs.cursors.get(&operation.id);
            failures.extend(foreign_cursor(&world, operation, cursor, &own.first()).await);
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    let after = rows_of(&world, &world.ada).await;
    let changed: Vec<&String> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    assert!(changed.is_empty(), "rows of another workspace were changed: {changed:?}");
}

/// Asks with an id of theirs and with an id of nothing, everything else being one's own.
async fn compare(
    world: &World,
    operation: &Operation,
    about: &IdPlace,
    id: &str,
    own: &Ids,
) -> Option<String> {
    let client = world.client(operation.service, &world.grace);
    let client = if about.is_workspace_of_path() { client.in_no_workspace() } else { client };
    let nothing = WorkspaceId::generate(&witan_clock::Clock::system()).to_string();
    let nothing = nothing.replace("wsp_", &format!("{}_", about.kind));
    let with = |id: &str| {
        own.iter().map(|(kind, own)| (kind.clone(), own.clone())).chain([(about.kind.clone(), id.to_owned())])
    };
    let foreign = operation.call(&client, &BTreeMap::from_iter(with(id)), Some(about)).await;
    let unknown = operation.call(&client, &BTreeMap::from_iter(with(&nothing)), Some(about)).await;
    let said = |answer: &Answer| format!("{} {:.200}", answer.status, answer.text);
    let complaint = if foreign.comparable(id) != unknown.comparable(&nothing) {
        format!("{} instead of {}", said(&foreign), said(&unknown))
    } else if about.place.is_path() && operation.access != "PUBLIC" && unknown.status != 404 {
        format!("{} instead of 404", said(&unknown))
    } else {
        return None;
    };
    Some(format!("{operation}, {:?} {}_…: {complaint}", about.place, about.kind))
}

/// Goes on in one's own list where theirs stopped.
async fn foreign_cursor(
    world: &World,
    operation: &Operation,
    cursor: Option<&String>,
    own: &Ids,
) -> Option<String> {
    let Some(cursor) = cursor else {
        return Some(format!("{operation}: the list has one page: make two of them in furniture.rs"));
    };
    let client = world.client(operation.service, &world.grace);
    let foreign = operation.page(&client, own, Some(cursor)).await;
    let invented = operation.page(&client, own, Some("aW52ZW50ZWQ")).await;
    let same = foreign.comparable(cursor) == invented.comparable("aW52ZW50ZWQ") && foreign.status == 400;
    (!same).then(|| format!("{operation}: a cursor of theirs: {} {:.200}", foreign.status, foreign.text))
}
