//! What is generated from the code.

use witan_auth::Auth;
use witan_host::Service;

#[test]
fn every_operation_is_in_the_document_with_its_errors() {
    let document = serde_json::to_value(witan_host::openapi::<Auth>()).unwrap();
    let mut operations: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            let errors = operation["responses"].as_object().unwrap().keys().filter(|s| s.starts_with('4'));
            assert!(errors.count() > 0, "{method} {path} names no error");
            operations.push(format!("{method} {path}"));
        }
    }
    operations.sort();
    insta::assert_debug_snapshot!(operations);
    assert_eq!(Auth::routes().mistakes(), Vec::<String>::new());
    assert_eq!(Auth::internal_routes().mistakes(), Vec::<String>::new());
}
