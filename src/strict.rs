//! Strict TOML files: read against the schema of their Rust type, all mistakes at once, each with its place.
//!
//! One set of types says what a format holds. From it come the JSON Schema that editors use, the check made here, and
//! the values themselves; so the three cannot drift apart.

use std::ops::Range;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::{Code, Finding, Findings, Place, near};

/// Reads `text` as a `T`.
///
/// # Errors
/// Every syntax error, unknown key, missing key and value of the wrong kind, each with its span.
pub fn read<T: DeserializeOwned + JsonSchema>(name: &str, text: &str) -> Result<T, Findings> {
    let mut findings = Findings::new();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let place = Place::span(name, text, error.span().unwrap_or(0..0));
        findings.push(Finding::problem(Code::BadToml, place, error.message()));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let schema = schemars::schema_for!(T).to_value();
    let span = table.span();
    let value = Spanned::new(span, DeValue::Table(table.into_inner()));
    let mut check = Check { root: &schema, found: Vec::new() };
    check.value(&value, &schema, "");
    for Mistake { code, span, path, message, help } in check.found {
        let mut place = Place::span(name, text, span);
        place.column = (!path.is_empty()).then_some(path);
        let mut finding = Finding::problem(code, place, message);
        finding.help = help;
        findings.push(finding);
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    read_checked(name, text)
}

/// Reads `text` as a `T` without the check against the schema; one mistake at most is found.
///
/// # Errors
/// The first mistake.
pub fn read_checked<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Findings> {
    toml::from_str(text).map_err(|error| {
        let place = Place::span(name, text, error.span().unwrap_or(0..0));
        Finding::problem(Code::WrongType, place, error.message()).into()
    })
}

/// Turns the bytes of a file into text, or says where they stop being UTF-8.
///
/// # Errors
/// A [`Code::NotUtf8`] finding.
pub fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Findings> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64;
        let place = Place { line: Some(line), ..Place::file(name) };
        Finding::problem(Code::NotUtf8, place, "bytes that are not UTF-8 text")
            .help("save the file as UTF-8")
            .into()
    })
}

struct Mistake {
    code: Code,
    span: Range<usize>,
    path: String,
    message: String,
    help: Option<String>,
}

struct Check<'s> {
    root: &'s Value,
    found: Vec<Mistake>,
}

impl<'s> Check<'s> {
    fn value(&mut self, value: &Spanned<DeValue<'_>>, schema: &'s Value, path: &str) {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let schema = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            if let Some(schema) = schema {
                self.value(value, schema, path);
            }
            return;
        }
        if let Some(branches) = branches(schema).filter(|_| allowed_words(schema).is_empty()) {
            return self.alternatives(value, branches, path);
        }
        if !kinds(schema).iter().any(|kind| is_kind(value.get_ref(), kind)) {
            self.wrong(value, path, &expectation(self.root, schema));
            return;
        }
        match value.get_ref() {
            DeValue::Table(table) => self.table(value.span(), table, schema, path),
            DeValue::Array(items) => {
                if let Some(of) = schema.get("items") {
                    for (at, item) in items.iter().enumerate() {
                        self.value(item, of, &format!("{path}[{}]", at + 1));
                    }
                }
            }
            DeValue::Integer(number) => {
                // What a count cannot be; the other bounds are those of its Rust type.
                let least = schema.get("minimum").and_then(Value::as_i64);
                let below =
                    |least: &i64| number.to_string().parse::<i64>().is_ok_and(|number| number < *least);
                if let Some(least) = least.filter(below) {
                    self.wrong(value, path, &format!("a whole number from {least}"));
                }
            }
            DeValue::String(text) => {
                let allowed = allowed_words(schema);
                if !allowed.is_empty() && !allowed.contains(&text.as_ref()) {
                    let help = near(text, allowed.iter().copied())
                        .first()
                        .map(|word| format!("did you mean `{word}`?"));
                    let message = format!("`{text}` is not one of {}", allowed.join(", "));
                    self.add(Code::WrongType, value.span(), path, message, help);
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, span: Range<usize>, table: &DeTable<'_>, schema: &'s Value, path: &str) {
        let known = schema.get("properties").and_then(Value::as_object);
        let names = || known.into_iter().flat_map(|known| known.keys().map(String::as_str));
        let rest = schema.get("additionalProperties");
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            if let Some(of) = known.and_then(|known| known.get(name)) {
                self.value(value, of, &inner);
            } else if let Some(of) = rest.filter(|rest| rest.is_object()) {
                self.value(value, of, &inner);
            } else if rest != Some(&Value::Bool(true)) {
                let help = match near(name, names()).first() {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("keys here: {}", names().collect::<Vec<_>>().join(", ")),
                };
                self.add(Code::UnknownKey, key.span(), &inner, format!("unknown key `{name}`"), Some(help));
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if !table.iter().any(|(have, _)| have.get_ref() == key) {
                let of = known.and_then(|known| known.get(key)).map(|schema| expectation(self.root, schema));
                let help = of.map(|of| format!("`{key}` is {of}"));
                let message = format!("missing key `{key}`");
                let first_line = span.start..span.start + 1;
                self.add(Code::MissingKey, first_line, path, message, help);
            }
        }
    }

    /// A value that may be of several kinds: fine if one fits; otherwise the mistakes of the nearest kind.
    fn alternatives(&mut self, value: &Spanned<DeValue<'_>>, branches: &'s [Value], path: &str) {
        let mut best: Option<Vec<Mistake>> = None;
        for branch in branches {
            let mut check = Check { root: self.root, found: Vec::new() };
            check.value(value, branch, path);
            if check.found.is_empty() {
                return;
            }
            let deeper = check.found.iter().any(|mistake| mistake.path != path);
            if deeper && best.is_none() {
                best = Some(check.found);
            }
        }
        match best {
            Some(mistakes) => self.found.extend(mistakes),
            None => {
                let schema = serde_json::json!({ "anyOf": branches });
                self.wrong(value, path, &expectation(self.root, &schema));
            }
        }
    }

    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, path: &str, expected: &str) {
        let message = format!("`{path}` is {}, expected {expected}", kind_of(value.get_ref()));
        let number = matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_));
        let help = (number && expected == "a text").then(|| match value.get_ref() {
            DeValue::Integer(number) => format!("put it in quotes: \"{number}\""),
            DeValue::Float(number) => format!("put it in quotes: \"{number}\""),
            _ => "put it in quotes".to_owned(),
        });
        self.add(Code::WrongType, value.span(), path, message, help);
    }

    fn add(&mut self, code: Code, span: Range<usize>, path: &str, message: String, help: Option<String>) {
        self.found.push(Mistake { code, span, path: path.to_owned(), message, help });
    }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        None if !allowed_words(schema).is_empty() => vec!["string"],
        _ => vec!["any"],
    }
}

fn is_kind(value: &DeValue<'_>, kind: &str) -> bool {
    match kind {
        "any" => true,
        "string" => matches!(value, DeValue::String(_)),
        "integer" => matches!(value, DeValue::Integer(_)),
        "number" => matches!(value, DeValue::Integer(_) | DeValue::Float(_)),
        "boolean" => matches!(value, DeValue::Boolean(_)),
        "array" => matches!(value, DeValue::Array(_)),
        "object" => matches!(value, DeValue::Table(_)),
        _ => false,
    }
}

fn kind_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(truth) => format!("{truth}"),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn branches(schema: &Value) -> Option<&Vec<Value>> {
    schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array)
}

/// The words a schema allows; none if it allows anything but certain words.
fn allowed_words(schema: &Value) -> Vec<&str> {
    if let Some(branches) = branches(schema) {
        let words: Vec<Vec<&str>> = branches.iter().map(allowed_words).collect();
        return if words.iter().any(Vec::is_empty) { Vec::new() } else { words.concat() };
    }
    match (schema.get("enum").and_then(Value::as_array), schema.get("const").and_then(Value::as_str)) {
        (Some(words), _) => words.iter().filter_map(Value::as_str).collect(),
        (None, Some(word)) => vec![word],
        (None, None) => Vec::new(),
    }
}

/// What a schema asks for, in words.
fn expectation(root: &Value, schema: &Value) -> String {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.map_or_else(|| "a value".to_owned(), |target| expectation(root, target));
    }
    if let Some(branches) = branches(schema).filter(|_| allowed_words(schema).is_empty()) {
        let mut words: Vec<String> = branches.iter().map(|branch| expectation(root, branch)).collect();
        words.retain(|word| word != "nothing");
        words.dedup();
        return words.join(" or ");
    }
    let words = allowed_words(schema);
    if !words.is_empty() {
        return words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ");
    }
    let mut names: Vec<&str> = kinds(schema)
        .into_iter()
        .map(|kind| match kind {
            "string" => "a text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            "object" => "a table",
            "null" => "nothing",
            _ => "a value",
        })
        .collect();
    if names.len() > 1 {
        names.retain(|name| *name != "nothing");
    }
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, JsonSchema, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        count: Option<u8>,
        #[serde(default)]
        part: Vec<Part>,
    }

    #[derive(Deserialize, JsonSchema, Debug)]
    #[serde(deny_unknown_fields)]
    struct Part {
        kind: Kind,
    }

    #[derive(Deserialize, JsonSchema, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        /// documented
        Mean,
        Sum,
    }

    #[test]
    fn all_mistakes_come_at_once_with_their_lines() {
        let text = "nam = \"x\"\ncount = \"three\"\n[[part]]\nkind = \"men\"\n";
        let findings = read::<Sample>("s.toml", text).unwrap_err();
        let got: Vec<(&str, Option<u64>)> =
            findings.kept().iter().map(|f| (f.code.id(), f.place.line)).collect();
        let want = [("unknown_key", 1), ("wrong_type", 2), ("wrong_type", 4), ("missing_key", 1)];
        assert_eq!(got, want.map(|(id, line)| (id, Some(line))));
        assert_eq!(findings.kept()[2].help.as_deref(), Some("did you mean `mean`?"));
    }

    #[test]
    fn a_number_is_told_what_it_should_be() {
        let findings = read::<Sample>("s.toml", "name = 99\ncount = -1\n").unwrap_err();
        let mut got: Vec<(&str, Option<&str>)> =
            findings.kept().iter().map(|f| (f.message.as_str(), f.help.as_deref())).collect();
        got.sort_unstable();
        let want = [
            ("`count` is the number -1, expected a whole number from 0", None),
            ("`name` is the number 99, expected a text", Some("put it in quotes: \"99\"")),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn a_good_file_is_read() {
        let sample: Sample = read("s.toml", "name = \"x\"\n[[part]]\nkind = \"sum\"\n").unwrap();
        assert_eq!((sample.name.as_str(), sample.count, &sample.part[0].kind), ("x", None, &Kind::Sum));
    }

    #[test]
    fn broken_toml_is_located() {
        let findings = read::<Sample>("s.toml", "name = \"x\n").unwrap_err();
        assert_eq!(findings.kept()[0].code, Code::BadToml);
        assert_eq!(findings.kept()[0].place.line, Some(1));
    }
}
