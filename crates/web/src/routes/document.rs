//! The API document of a table: what the handlers say of themselves, and what holds for every operation alike.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Info, OpenApi, Paths, Ref, RefOr, Required, Schema};
use utoipa::{PartialSchema, ToSchema};
use witan_ids::WorkspaceId;

use super::complete::{complete, problem};
use super::{Route, Routes};
use crate::problem::ProblemBody;
use crate::{Access, Violation, cookies};

const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";
const API_KEY: &str = "apiKey";
const SERVICE: &str = "service";

impl Routes {
    /// The table as an OpenAPI 3.1 document.
    pub fn openapi(&self, info: Info) -> OpenApi {
        let mut paths = Paths::new();
        let mut components = Components::new();
        let mut schemas = vec![
            ("Problem".to_owned(), ProblemBody::schema()),
            (Violation::name().into_owned(), Violation::schema()),
        ];
        for route in &self.routes {
            (route.schemas)(&mut schemas);
            let item = PathItem::new(route.http_method(), route.document());
            paths.paths.entry(route.path.clone()).or_default().merge_operations(item);
        }
        components.schemas.extend(schemas);
        let ids = crate::schema::ids().filter(|(name, _)| self.mentions(name));
        components.schemas.extend(ids);
        let scheme = |text: &str| {
            let mut scheme = Http::new(HttpAuthScheme::Bearer);
            scheme.bearer_format = Some("JWT".to_owned());
            scheme.description = Some(text.to_owned());
            SecurityScheme::Http(scheme)
        };
        if self.routes.iter().any(|route| route.access.needs_user()) {
            components.add_security_scheme(
                BEARER,
                scheme("An access token of a person: ours, or of an issuer that auth trusts."),
            );
            components.add_security_scheme(COOKIE, cookie_scheme());
            components.add_security_scheme(API_KEY, key_scheme());
        }
        if self.routes.iter().any(|route| route.access == Access::Internal) {
            components.add_security_scheme(SERVICE, scheme("A token that a service made for this one."));
        }
        let mut document = OpenApi::new(info, paths);
        document.components = Some(components);
        document
    }

    /// Whether a parameter is of the schema that is called so.
    fn mentions(&self, name: &str) -> bool {
        let wanted: RefOr<Schema> = RefOr::Ref(Ref::from_schema_name(name));
        self.routes.iter().flat_map(|route| route.operation.parameters.iter().flatten()).any(|parameter| {
            matches!(parameter, RefOr::T(parameter) if parameter.schema.as_ref() == Some(&wanted))
        })
    }

    /// What is wrong with the table as a document: names that are used twice, and references that lead nowhere.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let (mut names, mut operations) = (BTreeSet::new(), BTreeSet::new());
        for route in &self.routes {
            if !names.insert(route.operation_id()) {
                mistakes.push(format!("two operations are called {}", route.operation_id()));
            }
            if !operations.insert((&route.path, route.method.as_str())) {
                mistakes.push(format!("{route:?} is there twice"));
            }
        }
        let document = serde_json::to_value(self.openapi(Info::new("", ""))).unwrap_or_default();
        let mut references = BTreeSet::new();
        collect_references(&document, &mut references);
        for reference in references {
            if document.pointer(reference.trim_start_matches('#')).is_none() {
                mistakes.push(format!("{reference} leads nowhere"));
            }
        }
        mistakes
    }
}

impl Route {
    /// What the handler says, completed by what the table knows.
    fn document(&self) -> Operation {
        let mut operation = self.operation.clone();
        let extensions = ExtensionsBuilder::new().add("x-access", self.access.name());
        let extensions = match self.access.permission() {
            Some(permission) => extensions.add("x-permission", permission.as_str()),
            None => extensions,
        };
        let extensions = match self.feature {
            Some(feature) => extensions.add("x-feature", feature.key),
            None => extensions,
        };
        operation.extensions.get_or_insert_default().merge(extensions.build());
        operation.security = Some(match self.access {
            Access::Public => Vec::new(),
            Access::Internal => vec![SecurityRequirement::new(SERVICE, [] as [&str; 0])],
            _ => self.credentials().map(|name| SecurityRequirement::new(name, [] as [&str; 0])).collect(),
        });
        operation.parameters.get_or_insert_default().extend(self.headers().map(RefOr::T));
        for status in self.errors() {
            operation.responses.responses.entry(status.to_string()).or_insert_with(|| problem(status));
        }
        complete(&mut operation);
        operation
    }

    /// What a person, a program or a browser may show, each alone.
    fn credentials(&self) -> impl Iterator<Item = &'static str> {
        let keys = !self.step_up && (self.access.permission().is_some() || self.api_key.is_some());
        [BEARER, COOKIE].into_iter().chain(keys.then_some(API_KEY))
    }

    fn headers(&self) -> impl Iterator<Item = Parameter> {
        let workspace = matches!(self.access, Access::Workspace(_)).then(|| {
            header(
                "X-Workspace-Id",
                "Selects one of the caller's workspaces; without it the token's own is meant.",
            )
            .schema(Some(WorkspaceId::schema()))
            .build()
        });
        let key = self.idempotent.then(|| {
            let schema =
                ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
            header("Idempotency-Key", "Names the request, so that sending it again does nothing again.")
                .schema(Some(schema))
                .build()
        });
        workspace.into_iter().chain(key)
    }

    /// The statuses that the layers around the handler may answer with.
    fn errors(&self) -> Vec<u16> {
        let takes_body = self.operation.request_body.is_some();
        let takes = |place: ParameterIn| {
            let parameters = self.operation.parameters.iter().flatten();
            parameters.into_iter().any(|one| matches!(one, RefOr::T(one) if one.parameter_in == place))
        };
        let in_workspace = self.access.permission().is_some();
        let mut errors = vec![500, 503];
        let mut when = |condition: bool, statuses: &[u16]| {
            if condition {
                errors.extend(statuses);
            }
        };
        when(takes_body, &[400, 408, 413, 415, 422]);
        when(takes(ParameterIn::Query), &[400]);
        when(takes(ParameterIn::Path), &[404]);
        when(self.access != Access::Public, &[401]);
        when(self.access.needs_user(), &[400, 403]);
        when(in_workspace, &[404]);
        when(self.access != Access::Internal, &[429]);
        when(self.idempotent, &[400, 409, 422]);
        errors
    }

    fn http_method(&self) -> utoipa::openapi::path::HttpMethod {
        use utoipa::openapi::path::HttpMethod;
        match self.method.as_str() {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            "OPTIONS" => HttpMethod::Options,
            "HEAD" => HttpMethod::Head,
            "TRACE" => HttpMethod::Trace,
            _ => HttpMethod::Get,
        }
    }
}

fn cookie_scheme() -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        cookies::ACCESS,
        "The access token of a browser. What changes something also needs an allowed `Origin`, and the value of the \
         cookie `__Host-witan_csrf` in `X-CSRF-Token`.",
    )))
}

fn key_scheme() -> SecurityScheme {
    let text = "An API key whose scopes cover the operation.";
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("X-API-Key", text)))
}

fn header(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
}

fn collect_references<'a>(value: &'a Value, out: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            out.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| collect_references(member, out));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, out)),
        _ => {}
    }
}
