//! The parts of an OpenAPI document that the generator reads.

use serde_json::Value;

use super::json::{Json, Ordered};
use super::names;
use super::types::SHARED;
use crate::Result;

#[derive(Debug, serde::Deserialize)]
pub struct Document {
    #[serde(default)]
    pub security: Vec<Value>,
    /// Each resource by its name, and `shared`.
    #[serde(default, rename = "x-resources")]
    pub resources: Ordered<Resource>,
    pub paths: Ordered<Ordered<Operation>>,
    pub components: Components,
}

impl Document {
    pub fn from_json(bundle: &Json) -> Result<Self> {
        Ok(serde_json::from_str(&serde_json::to_string(bundle)?)?)
    }

    /// Each resource by its name, without `shared`.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Resource)> {
        self.resources.0.iter().filter(|(name, _)| name != SHARED).map(|(name, resource)| (name.as_str(), resource))
    }
}

/// A resource: `x-resource` in its file.
#[derive(Debug, serde::Deserialize)]
pub struct Resource {
    /// The first line of each generated file of the resource.
    pub title: String,
    /// The feature that switches on this resource and others.
    pub feature: Option<String>,
    /// The Rust name of the client's group, when the resource's name does not make a good one.
    pub group: Option<String>,
}

impl Resource {
    /// The client's type whose methods call the resource's operations.
    pub fn group_name(&self, name: &str) -> String {
        self.group.clone().unwrap_or_else(|| names::pascal(name))
    }
}

#[derive(Debug, serde::Deserialize)]
pub struct Components {
    pub schemas: Ordered<Schema>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    pub operation_id: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub summary: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    pub request_body: Option<Body>,
    pub responses: Ordered<Body>,
    pub security: Option<Vec<Value>>,
    /// The resource that the operation belongs to: the file of the spec.
    #[serde(rename = "x-resource")]
    pub resource: Option<String>,
    /// Whether the call can be repeated: safe, idempotent or non-idempotent.
    #[serde(rename = "x-idempotency")]
    pub idempotency: Option<String>,
    /// The requests that can be repeated, although others of the operation cannot.
    #[serde(rename = "x-idempotent-if")]
    pub idempotent_if: Option<BodyCondition>,
    /// The client's method.
    #[serde(rename = "x-verb")]
    pub verb: Option<String>,
    /// The client's method is written by hand.
    #[serde(default, rename = "x-handwritten")]
    pub handwritten: bool,
    /// How the response's pages are requested: `page` or `cursor`.
    #[serde(rename = "x-paging")]
    pub paging: Option<String>,
    /// How the sandbox answers.
    #[serde(rename = "x-tier")]
    pub tier: Option<String>,
    /// The Rust name, when `operationId` does not make a good one.
    #[serde(rename = "x-name")]
    pub name: Option<String>,
    /// The Rust name of the query.
    #[serde(rename = "x-query")]
    pub query: Option<String>,
}

/// Holds for requests whose body has this word in this field.
#[derive(Debug, serde::Deserialize)]
pub struct BodyCondition {
    pub field: String,
    pub equals: String,
}

#[derive(Debug, serde::Deserialize)]
pub struct Parameter {
    pub name: String,
    #[serde(rename = "in")]
    pub place: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub required: bool,
    pub schema: Schema,
}

/// The body of a request or of a response.
#[derive(Debug, serde::Deserialize)]
pub struct Body {
    #[serde(default)]
    pub content: Ordered<Media>,
}

#[derive(Debug, serde::Deserialize)]
pub struct Media {
    pub schema: Schema,
}

#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub struct Schema {
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub format: Option<String>,
    pub description: String,
    pub properties: Ordered<Schema>,
    pub required: Vec<String>,
    pub items: Option<Box<Schema>>,
    #[serde(rename = "anyOf")]
    pub any_of: Vec<Schema>,
    #[serde(rename = "enum")]
    pub words: Option<Vec<String>>,
    pub default: Option<Value>,
    pub example: Option<Json>,
    pub minimum: Option<Value>,
    /// The Rust name of a component.
    #[serde(rename = "x-name")]
    pub name: Option<String>,
    /// The handwritten type to use instead of this schema.
    #[serde(rename = "x-type")]
    pub handwritten: Option<String>,
    /// The document requires it, but a server may leave it out.
    #[serde(rename = "x-may-be-missing")]
    pub may_be_missing: bool,
    #[serde(rename = "x-enum-varnames")]
    pub variant_names: Vec<String>,
    #[serde(rename = "x-enum-descriptions")]
    pub variant_descriptions: Ordered<String>,
    #[serde(rename = "x-filter-terms")]
    pub filter_terms: Vec<String>,
    #[serde(rename = "x-sort-terms")]
    pub sort_terms: Vec<String>,
}

impl Schema {
    /// The component that this refers to.
    pub fn target(&self) -> Option<&str> {
        self.reference.as_deref().and_then(|path| path.rsplit('/').next())
    }

    /// Every schema directly inside this one.
    pub fn parts(&self) -> impl Iterator<Item = &Schema> {
        let properties = self.properties.0.iter().map(|(_, schema)| schema);
        properties.chain(self.items.as_deref()).chain(&self.any_of)
    }
}

impl Operation {
    /// The successful response: its media type and schema.
    pub fn response(&self) -> Option<(&str, &Schema)> {
        let (_, success) = self.responses.0.iter().find(|(status, _)| status.starts_with('2'))?;
        success.content.0.first().map(|(media, body)| (media.as_str(), &body.schema))
    }

    /// The request's body: its media type and schema.
    pub fn body(&self) -> Option<(&str, &Schema)> {
        let body = self.request_body.as_ref()?;
        body.content.0.first().map(|(media, body)| (media.as_str(), &body.schema))
    }

    pub fn parameters_in(&self, place: &str) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }
}
