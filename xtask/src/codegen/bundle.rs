//! A folder of a spec, bundled into one OpenAPI document: the API's, or the sandbox's control API.
//!
//! Each resource has a file: `lists.json` is the resource `lists`. `shared.json` has the document's
//! head and all that several resources use. A file refers to its own components with `#/…` and to
//! shared ones with `shared.json#/…`. In the bundle, all schemas are in one place, references to
//! parameters and responses are replaced by them, and each operation has its resource and security.

use std::fs;
use std::path::Path;

use super::json::{Json, Ordered};
use super::types::SHARED;
use crate::Result;

/// The keys of the document's head, which `shared.json` has.
const HEAD: [&str; 4] = ["openapi", "info", "servers", "security"];

/// Reads the folder's files into one document.
pub fn read(folder: &Path) -> Result<Json> {
    bundle(&files(folder)?)
}

/// Each file's name and content, in the order of the names.
pub fn files(folder: &Path) -> Result<Ordered<Json>> {
    let mut files = Ordered::default();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if path.extension().is_some_and(|extension| extension == "json") && name != DIFFERENCES {
            let text = fs::read_to_string(&path)?;
            let file = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            files.push(name, file);
        }
    }
    files.0.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(files)
}

/// The one file of the folder that is not part of the document: the accepted differences from the official one.
const DIFFERENCES: &str = "differences";

/// One document from each file's name and content.
pub fn bundle(files: &Ordered<Json>) -> Result<Json> {
    let shared = files.get(SHARED).ok_or("the spec has no shared.json")?;
    let (mut tags, mut resources, mut schemas) = (Vec::new(), Ordered::default(), Ordered::default());
    let mut paths = Ordered::<Ordered<Json>>::default();
    for (name, file) in &files.0 {
        let resource = file.get("x-resource").ok_or_else(|| format!("{name}.json has no x-resource"))?;
        resources.push(name, resource.clone());
        tags.extend_from_slice(file.get("tags").map_or(&[], Json::items));
        let here = Place { files, name };
        for (path, methods) in entries(file, &["paths"]) {
            for (method, operation) in methods.entries() {
                let operation = here.operation(operation, shared)?;
                paths.entry(path).push(method, operation);
            }
        }
        for (component, schema) in entries(file, &["components", "schemas"]) {
            if schemas.get(component).is_some() {
                return Err(format!("{name}.json: another file has a schema named {component}").into());
            }
            schemas.push(component, here.bundled(schema)?);
        }
    }
    let mut components = Ordered(vec![("schemas".to_owned(), Json::Object(schemas))]);
    if let Some(schemes) = shared.get("components").and_then(|all| all.get("securitySchemes")) {
        components.push("securitySchemes", schemes.clone());
    }
    let mut document = Ordered::default();
    for key in HEAD {
        if let Some(value) = shared.get(key) {
            document.push(key, value.clone());
        }
    }
    if !tags.is_empty() {
        document.push("tags", Json::List(tags));
    }
    document.push("x-resources", Json::Object(resources));
    let paths = paths.0.into_iter().map(|(path, methods)| (path, Json::Object(methods))).collect();
    document.push("paths", Json::Object(Ordered(paths)));
    document.push("components", Json::Object(components));
    Ok(Json::Object(document))
}

/// A file among the others, from where references are followed.
struct Place<'a> {
    files: &'a Ordered<Json>,
    name: &'a str,
}

impl Place<'_> {
    fn operation(&self, operation: &Json, shared: &Json) -> Result<Json> {
        let mut operation = Ordered(self.bundled(operation)?.entries().to_vec());
        if let (None, Some(security)) = (operation.get("security"), shared.get("security")) {
            operation.push("security", security.clone());
        }
        operation.push("x-resource", Json::Text(self.name.to_owned()));
        Ok(Json::Object(operation))
    }

    /// The value with references that are right in the bundle.
    fn bundled(&self, value: &Json) -> Result<Json> {
        match value {
            Json::List(items) => Ok(Json::List(items.iter().map(|item| self.bundled(item)).collect::<Result<_>>()?)),
            Json::Object(_) => self.object(value),
            other => Ok(other.clone()),
        }
    }

    fn object(&self, object: &Json) -> Result<Json> {
        if let Some(reference) = object.get("$ref").and_then(Json::as_str)
            && !reference.contains("#/components/schemas/")
        {
            let (file, pointer) = self.target(reference)?;
            let keys: Vec<_> = pointer.split('/').collect();
            let found = keys.iter().try_fold(self.files.get(file).unwrap_or(&Json::Null), |at, key| at.get(key));
            let found = found.ok_or_else(|| format!("{}.json: {reference} does not exist", self.name))?;
            return Place { files: self.files, name: file }.bundled(found);
        }
        let mut bundled = Ordered::default();
        for (key, value) in object.entries() {
            let value = match (key.as_str(), value.as_str()) {
                ("$ref", Some(reference)) => Json::Text(format!("#/{}", self.target(reference)?.1)),
                _ => self.bundled(value)?,
            };
            bundled.push(key, value);
        }
        Ok(Json::Object(bundled))
    }

    /// The file that a reference names, and the place in it.
    fn target<'r>(&'r self, reference: &'r str) -> Result<(&'r str, &'r str)> {
        match reference.split_once("#/") {
            Some(("", pointer)) => Ok((self.name, pointer)),
            Some(("shared.json", pointer)) => Ok((SHARED, pointer)),
            _ => Err(format!("{}.json: {reference} is neither of this file nor of shared.json", self.name).into()),
        }
    }
}

fn entries<'a>(file: &'a Json, keys: &[&str]) -> &'a [(String, Json)] {
    keys.iter().try_fold(file, |at, key| at.get(key)).map_or(&[], Json::entries)
}

#[cfg(test)]
mod tests {
    use super::bundle;
    use crate::codegen::json::{Json, Ordered};

    const SHARED: &str = r#"{
        "openapi": "3.1.0",
        "security": [{ "Bearer": [] }],
        "x-resource": { "title": "Shared." },
        "components": { "parameters": { "page": { "name": "page", "in": "query" } }, "schemas": { "Id": { "type": "string" } } }
    }"#;

    fn bundled(songs: &str) -> Result<Json, String> {
        let json = |text: &str| serde_json::from_str(text).unwrap();
        let files = Ordered(vec![("shared".to_owned(), json(SHARED)), ("songs".to_owned(), json(songs))]);
        bundle(&files).map_err(|error| error.to_string())
    }

    #[test]
    fn references_become_those_of_one_document() {
        let songs = r##"{
            "x-resource": { "title": "Songs." },
            "tags": [{ "name": "Song" }],
            "paths": { "/songs": { "get": {
                "parameters": [{ "$ref": "shared.json#/components/parameters/page" }, { "$ref": "#/components/parameters/key" }],
                "responses": { "200": { "$ref": "#/components/schemas/Song" } }
            } } },
            "components": {
                "parameters": { "key": { "name": "key", "schema": { "$ref": "shared.json#/components/schemas/Id" } } },
                "schemas": { "Song": { "type": "object" } }
            }
        }"##;
        let expected = r##"{
            "openapi": "3.1.0",
            "security": [{ "Bearer": [] }],
            "tags": [{ "name": "Song" }],
            "x-resources": { "shared": { "title": "Shared." }, "songs": { "title": "Songs." } },
            "paths": { "/songs": { "get": {
                "parameters": [
                    { "name": "page", "in": "query" },
                    { "name": "key", "schema": { "$ref": "#/components/schemas/Id" } }
                ],
                "responses": { "200": { "$ref": "#/components/schemas/Song" } },
                "security": [{ "Bearer": [] }],
                "x-resource": "songs"
            } } },
            "components": { "schemas": { "Id": { "type": "string" }, "Song": { "type": "object" } } }
        }"##;
        assert_eq!(bundled(songs).unwrap(), serde_json::from_str(expected).unwrap());
    }

    #[test]
    fn mistakes_name_their_file() {
        for (components, message) in [
            (r#"{ "schemas": { "Id": {} } }"#, "songs.json: another file has a schema named Id"),
            (
                r#"{ "schemas": { "A": { "$ref": "lists.json#/components/schemas/B" } } }"#,
                "songs.json: lists.json#/components/schemas/B is neither of this file nor of shared.json",
            ),
            (
                r##"{ "schemas": { "A": { "$ref": "#/components/parameters/b" } } }"##,
                "songs.json: #/components/parameters/b does not exist",
            ),
        ] {
            let songs = format!(r#"{{ "x-resource": {{}}, "components": {components} }}"#);
            assert_eq!(bundled(&songs).unwrap_err(), message);
        }
    }
}
