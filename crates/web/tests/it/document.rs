//! The API document, and the registry of codes.

use std::collections::BTreeSet;

use utoipa::openapi::Info;
use witan_host::Service;
use witan_web::{Access, Routes, codes, route};

use crate::probe::Probe;

fn document() -> serde_json::Value {
    serde_json::to_value(Probe::routes().openapi(Info::new("Probe", "1"))).unwrap()
}

#[test]
fn the_table_completes_what_the_handlers_say() {
    let document = document();
    insta::assert_json_snapshot!(document["paths"]["/api/v1/make"]);
    let manage = &document["paths"]["/api/v1/workspaces/{workspaceId}/manage"]["post"];
    assert_eq!(manage["x-permission"], "members:manage");
}

#[test]
fn every_operation_documents_its_errors_as_problems() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("500") && responses.contains_key("429"), "{method} {path}");
            let errors = responses.iter().filter(|(status, _)| status.as_str() >= "400");
            assert_eq!(operation["tags"], serde_json::json!(["probe"]), "{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["in"] != "path" || parameter["description"].is_string(), "{method} {path}");
            }
            assert!(responses["429"]["headers"]["Retry-After"].is_object(), "{method} {path}");
            for (status, response) in errors {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
    for schema in ["Problem", "Violation", "Shape", "Part", "Kind"] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
}

#[test]
fn a_table_without_mistakes_has_none() {
    assert_eq!(Probe::routes().mistakes(), Vec::<String>::new());
    assert_eq!(Probe::internal_routes().mistakes(), Vec::<String>::new());
}

mod dangling {
    use serde::{Deserialize, Serialize};
    use utoipa::{IntoParams, ToSchema};

    #[derive(Deserialize, Serialize, ToSchema)]
    pub(crate) enum Order {
        Up,
    }

    #[derive(Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Filter {
        order: Option<Order>,
    }

    #[utoipa::path(get, path = "/dangling", operation_id = "dangling", tag = "x", params(Filter), responses((status = 200)))]
    pub(crate) async fn handle() -> witan_web::NoContent {
        witan_web::NoContent
    }
}

#[test]
fn names_that_are_used_twice_and_references_to_nothing_are_mistakes() {
    let table = Routes::new("x").add(route!(dangling, Access::Public)).add(route!(dangling, Access::Public));
    let mistakes = table.mistakes();
    let expected = [
        "two operations are called dangling",
        "GET /dangling (Public) is there twice",
        "#/components/schemas/Order leads nowhere",
    ];
    assert_eq!(mistakes, expected);
}

#[test]
fn codes_are_unique_and_well_formed() {
    let mut names = BTreeSet::new();
    for code in codes::all() {
        assert!(names.insert(code.code), "{} is there twice", code.code);
        let (area, reason) = code.code.split_once('.').unwrap();
        let fit = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        assert!(fit(area) && fit(reason), "{}", code.code);
        assert!((400..600).contains(&code.status), "{}", code.code);
        assert!(code.title.ends_with('.') && code.meaning.ends_with('.'), "{}", code.code);
    }
}
