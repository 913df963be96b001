//! The operations of the services, as their OpenAPI documents describe them.

use std::collections::BTreeMap;
use std::fmt;

use reqwest::Method;
use serde_json::Value;
use witan_testkit::{Answer, Client, TestSystem};

use crate::sample::{id_kind, resolve, sample};

/// Where a request carries an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path(String),
    Query(String),
    /// The members that lead to it.
    Body(Vec<String>),
}

impl Place {
    pub(crate) fn is_path(&self) -> bool {
        matches!(self, Self::Path(_))
    }
}

/// A place with the prefix of the ids that belong there.
#[derive(Clone, Debug)]
pub(crate) struct IdPlace {
    pub(crate) place: Place,
    pub(crate) kind: String,
}

impl IdPlace {
    /// Whether it selects the workspace, which the header does otherwise.
    pub(crate) fn is_workspace_of_path(&self) -> bool {
        self.place == Place::Path("workspaceId".to_owned())
    }
}

/// One id for each prefix.
pub(crate) type Ids = BTreeMap<String, String>;

pub(crate) struct Operation {
    pub(crate) service: &'static str,
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// `x-access`: whom it is for.
    pub(crate) access: String,
    /// `x-permission`: what it asks of a member.
    pub(crate) permission: String,
    /// Where it takes ids.
    pub(crate) places: Vec<IdPlace>,
    /// Whether it takes a cursor.
    pub(crate) pages: bool,
    /// Whether it answers with events that never end.
    pub(crate) streams: bool,
    content_type: Option<String>,
    body: Value,
    components: Value,
}

/// Every operation that the gateway reaches.
pub(crate) fn all(system: &TestSystem) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (service, document) in system.documents() {
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, described) in methods.as_object().unwrap() {
                operations.push(Operation::read(service, path, method, described, &document["components"]));
            }
        }
    }
    operations
}

impl Operation {
    fn read(service: &'static str, path: &str, method: &str, described: &Value, components: &Value) -> Self {
        let mut places = Vec::new();
        let mut pages = false;
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            pages |= name == "cursor";
            let Some(kind) = id_kind(&parameter["schema"], components) else { continue };
            let place = match parameter["in"].as_str().unwrap() {
                "path" => Place::Path(name.to_owned()),
                "query" => Place::Query(name.to_owned()),
                _ => continue,
            };
            places.push(IdPlace { place, kind });
        }
        let content =
            described["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
        let body = content.map(|(_, content)| content["schema"].clone()).unwrap_or_default();
        collect(&body, components, &mut Vec::new(), &mut places);
        let answers = described["responses"]["200"]["content"].as_object();
        Self {
            service,
            id: described["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            access: described["x-access"].as_str().unwrap().to_owned(),
            permission: described["x-permission"].as_str().unwrap_or_default().to_owned(),
            places,
            pages,
            streams: answers.is_some_and(|content| content.keys().all(|kind| kind == "text/event-stream")),
            content_type: content.map(|(kind, _)| kind.clone()),
            body,
            components: components.clone(),
        }
    }

    /// Whether it only looks.
    pub(crate) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// The first entry of a list, or the one behind `cursor`.
    pub(crate) async fn page(&self, client: &Client, ids: &Ids, cursor: Option<&str>) -> Answer {
        let request = client.request(self.method.clone(), &self.path_with(ids)).query(&[("limit", "1")]);
        client.send(request.query(&cursor.map(|cursor| [("cursor", cursor)]))).await
    }

    fn path_with(&self, ids: &Ids) -> String {
        // What else is in a path is a number.
        let mut path = self.path.replace("{size}", "64");
        for IdPlace { place, kind } in &self.places {
            if let Place::Path(name) = place {
                path = path.replace(&format!("{{{name}}}"), &self.id_of(ids, kind));
            }
        }
        path
    }

    fn id_of(&self, ids: &Ids, kind: &str) -> String {
        ids.get(kind).cloned().unwrap_or_else(|| panic!("{self}: no id {kind}_…"))
    }

    /// Calls it with these ids, and a body as the document describes it. Ids of queries and bodies are only sent where
    /// `about` names the place.
    pub(crate) async fn call(&self, client: &Client, ids: &Ids, about: Option<&IdPlace>) -> Answer {
        let mut request = client.request(self.method.clone(), &self.path_with(ids));
        if let Some(IdPlace { place: Place::Query(name), kind }) = about {
            request = request.query(&[(name, self.id_of(ids, kind))]);
        }
        if let Some(content_type) = &self.content_type {
            let wanted = match about.map(|about| &about.place) {
                Some(Place::Body(members)) => members.as_slice(),
                _ => &[],
            };
            let body = sample(&self.body, &self.components, ids, wanted);
            request = request.header("content-type", content_type).body(body.to_string());
        }
        client.send(request).await
    }
}

/// Every id in a body, however deep.
fn collect(schema: &Value, components: &Value, members: &mut Vec<String>, places: &mut Vec<IdPlace>) {
    if let Some(kind) = id_kind(schema, components) {
        places.push(IdPlace { place: Place::Body(members.clone()), kind });
        return;
    }
    let schema = resolve(schema, components);
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        members.push(name.clone());
        collect(member, components, members, places);
        members.pop();
    }
    if !schema["items"].is_null() {
        members.push("0".to_owned());
        collect(&schema["items"], components, members, places);
        members.pop();
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path, self.id)
    }
}
