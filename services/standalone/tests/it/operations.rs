//! Every operation asks for what its document says, of everybody.

use std::collections::BTreeSet;

use witan_testkit::{Answer, Client};

use crate::furniture::furnish_both;
use crate::harvest::harvest;
use crate::operation::{IdPlace, Operation, all};
use crate::world::World;

/// Whoever adds an operation that asks for no permission says so here, and why.
const WITHOUT_PERMISSION: &str = include_str!("operations_without_permission.txt");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_whom_it_is_not_for() {
    let world = World::start().await;
    let (known, _) = furnish_both(&world).await;
    let ids = harvest(&world, &world.ada, known).await.first();
    let operations = all(&world.system);
    let mut failures = unlisted(&operations);
    let broken = tampered(&world.ada.token);
    for operation in operations.iter().filter(|operation| operation.access != "PUBLIC") {
        let anon = world.system.anon(operation.service).in_workspace(world.ada.workspace);
        let mut check = async |who: &str, client: Client, status: u16| {
            let answer = operation.call(&client, &ids, None).await;
            failures.extend(refusal(operation, who, &answer, status));
        };
        check("nobody", anon.clone(), 401).await;
        check("a broken token", anon.clone().with_token(&broken), 401).await;
        check("an expired token", anon.with_token(&world.expired), 401).await;
        if ["WORKSPACE", "PLATFORM"].contains(&operation.access.as_str()) {
            check(
                "no permission",
                world.client(operation.service, world.without(&operation.permission)),
                403,
            )
            .await;
        }
        let selects = operation.places.iter().any(IdPlace::is_workspace_of_path);
        if operation.access == "WORKSPACE" {
            let stranger = world.client(operation.service, &world.grace);
            let stranger =
                if selects { stranger.in_no_workspace() } else { stranger.in_workspace(world.ada.workspace) };
            check("another workspace", stranger, 404).await;
        }
        if operation.access == "USER" && operation.places.iter().any(|one| one.place.is_path()) {
            check("another person", world.client(operation.service, &world.grace), 404).await;
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// The list names exactly the operations that there are.
fn unlisted(operations: &[Operation]) -> Vec<String> {
    let lines = WITHOUT_PERMISSION.lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeSet<(&str, &str)> = lines
        .map(str::split_whitespace)
        .filter_map(|mut words| Some((words.next()?, words.next()?)))
        .collect();
    let open = operations.iter().filter(|operation| operation.access != "WORKSPACE");
    let found: BTreeSet<(&str, &str)> =
        open.map(|operation| (operation.access.as_str(), operation.id.as_str())).collect();
    let missing =
        found.difference(&listed).map(|(access, id)| format!("{id} is {access} and not in the list"));
    let gone = listed.difference(&found).map(|(access, id)| format!("{id} is listed as {access} and is not"));
    missing.chain(gone).collect()
}

fn refusal(operation: &Operation, who: &str, answer: &Answer, status: u16) -> Option<String> {
    // Under `/v1` errors have OpenAI's form.
    let code = answer.json["code"].as_str().or(answer.json["error"]["code"].as_str()).unwrap_or("no code");
    let found = answer.status.as_u16();
    (found != status || code == "no code")
        .then(|| format!("{operation}, {who}: {found} {code} instead of {status}"))
}

/// The same token with another signature.
fn tampered(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    format!("{signed}.{}", signature.chars().rev().collect::<String>())
}
