//! The contracts: names, comments, and that nothing that was published changes.
//!
//! `proto/contracts.json` is what has been published. Fields are added, never renamed, renumbered,
//! retyped or removed; a change that breaks is a new message (`v2`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use protox::Compiler;

const SNAPSHOT: &str = "proto/contracts.json";

/// Message or enum by full name, to what each number means.
type Contracts = BTreeMap<String, BTreeMap<i32, String>>;

pub(super) fn check(checkout: &Path, bless: bool) -> Result<Vec<String>> {
    let files = compile(&checkout.join("proto"))?;
    let mut wrong: Vec<String> = files.iter().flat_map(lint).collect();
    let now = contracts(&files);
    let path = checkout.join(SNAPSHOT);
    let published: Contracts = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("{SNAPSHOT} is damaged"))?,
        Err(_) => Contracts::new(),
    };
    let broken = breaks(&published, &now);
    if broken.is_empty() && published != now {
        if bless {
            fs::write(&path, serde_json::to_string_pretty(&now)? + "\n")?;
        } else {
            wrong.push(format!(
                "the contracts grew: `witan-dev check proto --bless` takes that into {SNAPSHOT}"
            ));
        }
    }
    wrong.extend(broken);
    Ok(wrong)
}

fn compile(folder: &Path) -> Result<Vec<FileDescriptorProto>> {
    let mut compiler = Compiler::new([folder])?;
    compiler.include_source_info(true);
    let mut found = Vec::new();
    find(folder, &mut found)?;
    found.sort();
    if found.is_empty() {
        bail!("no contracts below {}", folder.display());
    }
    compiler.open_files(found.iter().map(|path| path.strip_prefix(folder).unwrap_or(path)))?;
    let all = compiler.file_descriptor_set().file;
    Ok(all.into_iter().filter(|file| file.package().starts_with("witan.")).collect())
}

fn find(folder: &Path, found: &mut Vec<std::path::PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    Ok(())
}

fn lint(file: &FileDescriptorProto) -> Vec<String> {
    let mut wrong = Vec::new();
    let folder = file.name().rsplit_once('/').map(|(folder, _)| folder.replace('/', ".")).unwrap_or_default();
    if file.package() != folder {
        wrong.push(format!(
            "{}: package {} should be {folder}, as its folder is",
            file.name(),
            file.package()
        ));
    }
    let version = file.package().rsplit('.').next().unwrap_or_default();
    if !version.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 0)) {
        wrong.push(format!("{}: package {} does not end with a version", file.name(), file.package()));
    }
    if file.syntax() != "proto3" {
        wrong.push(format!("{}: is not proto3", file.name()));
    }
    for (index, message) in file.message_type.iter().enumerate() {
        let at = [4, index as i32];
        wrong.extend(lint_message(file, message, &at));
    }
    wrong
}

fn lint_message(file: &FileDescriptorProto, message: &DescriptorProto, at: &[i32]) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = message.name();
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) || name.contains('_') {
        wrong.push(format!("{}: message {name} is not in PascalCase", file.name()));
    }
    if !has_comment(file, at) {
        wrong.push(format!("{}: message {name} has no comment", file.name()));
    }
    for (index, field) in message.field.iter().enumerate() {
        let snake = field.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !snake {
            wrong.push(format!("{}: field {name}.{} is not in snake_case", file.name(), field.name()));
        }
        if !has_comment(file, &[at, &[2, index as i32]].concat()) {
            wrong.push(format!("{}: field {name}.{} has no comment", file.name(), field.name()));
        }
    }
    wrong
}

fn has_comment(file: &FileDescriptorProto, path: &[i32]) -> bool {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    locations.filter(|l| l.path == path).any(|l| {
        [&l.leading_comments, &l.trailing_comments].into_iter().flatten().any(|text| !text.trim().is_empty())
    })
}

fn contracts(files: &[FileDescriptorProto]) -> Contracts {
    let mut all = Contracts::new();
    for file in files {
        for message in &file.message_type {
            collect_message(file.package(), message, &mut all);
        }
        for entry in &file.enum_type {
            collect_enum(file.package(), entry, &mut all);
        }
    }
    all
}

fn collect_message(scope: &str, message: &DescriptorProto, all: &mut Contracts) {
    let name = format!("{scope}.{}", message.name());
    all.insert(name.clone(), message.field.iter().map(|f| (f.number(), meaning(f))).collect());
    for inner in &message.nested_type {
        collect_message(&name, inner, all);
    }
    for inner in &message.enum_type {
        collect_enum(&name, inner, all);
    }
}

fn collect_enum(scope: &str, entry: &EnumDescriptorProto, all: &mut Contracts) {
    let values = entry.value.iter().map(|v| (v.number(), v.name().to_owned())).collect();
    all.insert(format!("{scope}.{}", entry.name()), values);
}

/// `repeated string email_addresses`: everything that a reader of the wire or of the JSON depends on.
fn meaning(field: &FieldDescriptorProto) -> String {
    let label = match field.label() {
        Label::Repeated => "repeated ",
        _ if field.proto3_optional() => "optional ",
        _ => "",
    };
    let kind = match field.r#type() {
        Type::Message | Type::Enum => field.type_name().trim_start_matches('.').to_owned(),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    format!("{label}{kind} {}", field.name())
}

fn breaks(published: &Contracts, now: &Contracts) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, fields) in published {
        let Some(current) = now.get(name) else {
            broken.push(format!("{name} was published and is gone"));
            continue;
        };
        for (number, before) in fields {
            match current.get(number) {
                None => broken.push(format!("{name}: field {number} ({before}) was published and is gone")),
                Some(after) if after != before => {
                    broken.push(format!("{name}: field {number} was `{before}` and is `{after}`"));
                }
                Some(_) => {}
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(fields: &[(i32, &str)]) -> Contracts {
        let fields = fields.iter().map(|(number, meaning)| (*number, (*meaning).to_owned())).collect();
        Contracts::from([("witan.auth.v1.UserVerified".to_owned(), fields)])
    }

    #[test]
    fn adding_is_fine_and_everything_else_breaks() {
        let published = one(&[(1, "string user_id"), (2, "string email")]);
        assert!(
            breaks(&published, &one(&[(1, "string user_id"), (2, "string email"), (3, "string name")]))
                .is_empty()
        );
        for changed in [
            one(&[(1, "string user_id")]),
            one(&[(1, "string user_id"), (3, "string email")]),
            one(&[(1, "string user_id"), (2, "bytes email")]),
            one(&[(1, "string user_id"), (2, "string mail")]),
            one(&[(1, "string user_id"), (2, "repeated string email")]),
            Contracts::new(),
        ] {
            assert_eq!(breaks(&published, &changed).len(), 1, "{changed:?}");
        }
    }

    #[test]
    fn a_contract_without_a_comment_or_in_the_wrong_folder_is_named() {
        let source = "syntax = \"proto3\"; package witan.auth.v1; message user_gone { string userId = 1; }";
        let file = protox_parse(source);
        let wrong = lint(&file);
        assert!(wrong.iter().any(|w| w.contains("should be witan.billing.v1")), "{wrong:?}");
        for part in ["PascalCase", "snake_case", "message user_gone has no comment", "userId has no comment"]
        {
            assert!(wrong.iter().any(|w| w.contains(part)), "{part}: {wrong:?}");
        }
    }

    fn protox_parse(source: &str) -> FileDescriptorProto {
        let folder = std::env::temp_dir().join(format!("witan-proto-{}", std::process::id()));
        fs::create_dir_all(folder.join("witan/billing/v1")).unwrap();
        fs::write(folder.join("witan/billing/v1/events.proto"), source).unwrap();
        let file = compile(&folder).unwrap().remove(0);
        fs::remove_dir_all(folder).unwrap();
        file
    }
}
