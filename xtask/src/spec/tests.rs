//! Comparisons of small documents.

use serde_json::{Value, json};

use super::accepted::Accepted;
use super::report::Report;
use super::{Class, compare, exit_code};

/// A document with one operation, whose body and response are the component `Song`, and an enum.
fn document() -> Value {
    json!({
        "paths": { "/songs/{id}": { "put": {
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
                { "name": "page", "in": "query", "schema": { "type": "integer" } }
            ],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/NewSong" } } } },
            "responses": {
                "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Song" } } } },
                "422": { "description": "Invalid." }
            }
        } } },
        "components": { "schemas": {
            "NewSong": {
                "type": "object",
                "required": ["title"],
                "properties": { "title": { "type": "string" }, "mood": { "$ref": "#/components/schemas/Mood" } }
            },
            "Song": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "title": { "type": "string" },
                    "mood": { "$ref": "#/components/schemas/Mood" },
                    "versions": { "type": "array", "items": { "$ref": "#/components/schemas/Song" } }
                }
            },
            "Mood": { "type": "string", "enum": ["happy", "sad"] }
        } }
    })
}

/// The differences of a document in which the value at `pointer` is replaced, or removed when it is `null`.
fn changed(pointer: &str, value: Value) -> Report {
    let mut official = document();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let (parent, key) = (official.pointer_mut(parent).unwrap(), key.replace("~1", "/"));
    match (parent, value) {
        (Value::Object(fields), Value::Null) => drop(fields.remove(&key)),
        (Value::Object(fields), value) => drop(fields.insert(key, value)),
        (Value::Array(items), Value::Null) => drop(items.remove(key.parse().unwrap())),
        (Value::Array(items), value) => items.push(value),
        _ => panic!("{pointer} is in no object or list"),
    }
    compare(&document(), &official)
}

#[test]
fn each_change_is_reported_once_with_its_class() {
    let operation = "/paths/~1songs~1{id}/put";
    let parameters = format!("{operation}/parameters");
    let schemas = "/components/schemas";
    let string = || json!({ "type": "string" });
    for (pointer, value, expected) in [
        (
            "/paths/~1albums".to_owned(),
            json!({ "get": { "responses": {} } }),
            "additive  GET /albums: the operation is new",
        ),
        ("/paths/~1songs~1{id}".to_owned(), Value::Null, "breaking  PUT /songs/{id}: the operation is gone"),
        (
            format!("{parameters}/-"),
            json!({ "name": "sort", "in": "query", "schema": string() }),
            "additive  PUT /songs/{id} query parameter sort: is new",
        ),
        (
            format!("{parameters}/-"),
            json!({ "name": "sort", "in": "query", "required": true, "schema": string() }),
            "breaking  PUT /songs/{id} query parameter sort: is new and required",
        ),
        (format!("{parameters}/1"), Value::Null, "breaking  PUT /songs/{id} query parameter page: is gone"),
        (
            format!("{parameters}/1/required"),
            json!(true),
            "breaking  PUT /songs/{id} query parameter page: is now required",
        ),
        (
            format!("{parameters}/1/schema"),
            string(),
            "breaking  PUT /songs/{id} query parameter page: the type is string, not integer",
        ),
        (
            format!("{parameters}/0/schema/format"),
            json!("int64"),
            "breaking  PUT /songs/{id} path parameter id: the type is integer (int64), not integer",
        ),
        (format!("{operation}/requestBody"), Value::Null, "breaking  PUT /songs/{id} body: is gone"),
        (format!("{operation}/requestBody/required"), json!(true), "breaking  PUT /songs/{id} body: is now required"),
        (format!("{operation}/responses/404"), json!({}), "additive  PUT /songs/{id} response 404: is new"),
        (format!("{operation}/responses/200"), Value::Null, "breaking  PUT /songs/{id} response 200: is gone"),
        (format!("{schemas}/NewSong/properties/key"), string(), "additive  NewSong.key: is new"),
        (format!("{schemas}/NewSong/properties/mood"), Value::Null, "breaking  NewSong.mood: is gone"),
        (format!("{schemas}/NewSong/required"), json!(["title", "mood"]), "breaking  NewSong.mood: is now required"),
        (format!("{schemas}/NewSong/required"), Value::Null, "additive  NewSong.title: is now optional"),
        (format!("{schemas}/Song/required"), json!(["title", "mood"]), "additive  Song.mood: is now required"),
        (format!("{schemas}/Song/required"), Value::Null, "breaking  Song.title: is now optional"),
        (
            format!("{schemas}/Song/properties/versions/items"),
            string(),
            "breaking  Song.versions[]: the type is string, not object",
        ),
        (format!("{schemas}/Mood/enum"), json!(["happy", "sad", "calm"]), "additive  Mood: the value \"calm\" is new"),
        (format!("{schemas}/Mood/enum"), json!(["happy"]), "breaking  Mood: the value \"sad\" is gone"),
    ] {
        let report = changed(&pointer, value).to_string();
        let lines: Vec<_> = report.lines().filter(|line| !line.ends_with("accepted")).collect();
        assert_eq!(lines, [expected], "{pointer}");
    }
}

#[test]
fn spellings_of_the_same_thing_are_no_difference() {
    let mut official = document();
    let mut methods = official["paths"]["/songs/{id}"].take();
    methods["put"]["parameters"][0]["name"] = json!("song_id");
    methods["parameters"] = json!([methods["put"]["parameters"][1].take(), { "$ref": "#/components/parameters/id" }]);
    let id = methods["put"]["parameters"][0].take();
    methods["put"]["parameters"] = json!([]);
    official["components"]["parameters"] = json!({ "id": id });
    official["paths"] = json!({ "/songs/{song_id}": methods });
    let schemas = &mut official["components"]["schemas"];
    let mood = json!({ "$ref": "#/components/schemas/Mood" });
    schemas["NewSong"]["properties"]["title"] = json!({ "type": ["string", "null"] });
    schemas["NewSong"]["properties"]["mood"] = json!({ "anyOf": [mood, { "type": "null" }] });
    schemas["Song"]["properties"]["mood"] = json!({ "allOf": [mood], "nullable": true });
    schemas["Song"]["properties"]["title"] = json!({ "type": "string", "description": "The title." });
    assert_eq!(compare(&document(), &official).to_string(), "0 breaking, 0 additive, 0 accepted\n");
}

#[test]
fn the_worst_difference_that_is_not_accepted_decides_the_exit_code() {
    let code = |report: &Report| exit_code(report.worst());
    assert_eq!(code(&compare(&document(), &document())), 0);
    assert_eq!(code(&changed("/components/schemas/Mood/enum", json!(["happy", "sad", "calm"]))), 1);
    let both = || changed("/components/schemas/Mood/enum", json!(["happy", "calm"]));
    assert_eq!(code(&both()), 2);
    let accepted = r#"[{ "reason": "None.", "differences": ["Mood: the value \"sad\" is gone"] }]"#;
    let accepted = both().without(&Accepted::parse(accepted).unwrap());
    assert_eq!(code(&accepted), 1);
    assert_eq!(accepted.to_string(), "additive  Mood: the value \"calm\" is new\n0 breaking, 1 additive, 1 accepted\n");
    assert_eq!(accepted.worst(), Some(Class::Additive));
}

#[test]
fn the_accepted_differences_can_be_read() {
    Accepted::read(&crate::files::root()).unwrap();
}
