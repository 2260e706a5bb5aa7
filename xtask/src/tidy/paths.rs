//! Reads which modules of its own crate a Rust file names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree, Visibility};

use crate::Result;

/// The modules of one crate, read once.
pub struct Modules(BTreeMap<Vec<String>, Module>);

/// What one file defines, re-exports and names.
#[derive(Default)]
struct Module {
    defined: BTreeSet<String>,
    /// The name, or `*`, and the full path that it stands for.
    exported: Vec<(String, Vec<String>)>,
    references: Vec<Reference>,
}

/// One path in a file, in segments from the crate's root: the module that names it, and the path.
pub struct Reference {
    pub from: Vec<String>,
    pub to: Vec<String>,
}

impl Modules {
    /// Takes the files under a crate's `src/`, by their path below it. Files of tests alone are left out.
    pub fn read<'a>(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut modules = BTreeMap::new();
        for (path, text) in sources {
            let Some(at) = module_of(path) else { continue };
            let file = syn::parse_file(text).map_err(|error| format!("{path}: {error}"))?;
            modules.insert(at.clone(), Module::read(&file.items, &at));
        }
        Ok(Self(modules))
    }

    /// Every reference of the crate to one of its own modules, with re-exports followed to where the item is defined.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        let all = self.0.values().flat_map(|module| &module.references);
        all.map(|it| Reference { from: it.from.clone(), to: self.resolve(&it.to, 0) })
    }

    /// Follows `pub use` at the crate's root and in modules: `crate::Error` is `crate::error::Error`.
    fn resolve(&self, path: &[String], depth: usize) -> Vec<String> {
        const MOST: usize = 8; // a longer chain of re-exports is a cycle
        let known = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]));
        let target = known.filter(|_| depth < MOST).and_then(|known| {
            let name = path.get(known)?;
            let mut target = self.export(&path[..known], name)?;
            target.extend_from_slice(&path[known + 1..]);
            Some(target)
        });
        match target {
            Some(target) => self.resolve(&target, depth + 1),
            None => path.to_vec(),
        }
    }

    /// The path that a module exports under a name, when it only re-exports it.
    fn export(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let exported = &self.0.get(module)?.exported;
        let named = exported.iter().find(|(exported, _)| exported == name).map(|(_, path)| path.clone());
        named.or_else(|| {
            let mut globs = exported.iter().filter(|(exported, _)| exported == "*");
            globs.find(|(_, path)| path != module && self.has(path, name, 0)).map(|(_, path)| {
                let mut path = path.clone();
                path.push(name.to_owned());
                path
            })
        })
    }

    /// Whether a module defines or exports a name.
    fn has(&self, module: &[String], name: &str, depth: usize) -> bool {
        let Some(found) = self.0.get(module).filter(|_| depth < 4) else { return false };
        let exports = |(exported, path): &(String, Vec<String>)| {
            exported == name || (exported == "*" && self.has(path, name, depth + 1))
        };
        found.defined.contains(name) || found.exported.iter().any(exports)
    }
}

impl Module {
    fn read(items: &[Item], at: &[String]) -> Self {
        let children: Vec<String> = items.iter().filter_map(child).collect();
        let mut module = Self { defined: items.iter().filter_map(item_name).collect(), ..Self::default() };
        for item in items {
            let Item::Use(it) = item else { continue };
            if matches!(it.vis, Visibility::Inherited) {
                continue;
            }
            leaves(&it.tree, Vec::new(), &mut |name, path| {
                module.exported.extend(absolute(path, at, &children).map(|path| (name, path)));
            });
        }
        collect_items(items, at, &mut module.references);
        module
    }
}

fn child(item: &Item) -> Option<String> {
    match item {
        Item::Mod(it) => Some(it.ident.to_string()),
        _ => None,
    }
}

/// The module path of a file, or nothing for a file of tests.
fn module_of(path: &str) -> Option<Vec<String>> {
    let mut parts: Vec<String> = path.strip_suffix(".rs")?.split('/').map(str::to_owned).collect();
    if parts.iter().any(|part| part == "tests") {
        return None;
    }
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    Some(parts)
}

fn item_name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Struct(it) => it.ident.to_string(),
        Item::Enum(it) => it.ident.to_string(),
        Item::Trait(it) => it.ident.to_string(),
        Item::Type(it) => it.ident.to_string(),
        Item::Fn(it) => it.sig.ident.to_string(),
        Item::Const(it) => it.ident.to_string(),
        Item::Static(it) => it.ident.to_string(),
        _ => return None,
    })
}

/// Calls `found` with each name that a `use` brings in and its path; for a glob the name is `*`.
fn leaves(tree: &UseTree, mut path: Vec<String>, found: &mut impl FnMut(String, Vec<String>)) {
    match tree {
        UseTree::Path(it) => {
            path.push(it.ident.to_string());
            leaves(&it.tree, path, found);
        }
        UseTree::Name(it) if it.ident == "self" => found(path.last().cloned().unwrap_or_default(), path),
        UseTree::Name(it) => {
            path.push(it.ident.to_string());
            found(it.ident.to_string(), path);
        }
        UseTree::Rename(it) => {
            path.push(it.ident.to_string());
            found(it.rename.to_string(), path);
        }
        UseTree::Glob(_) => found("*".to_owned(), path),
        UseTree::Group(it) => it.items.iter().for_each(|tree| leaves(tree, path.clone(), found)),
    }
}

/// A path from the crate's root, when it leads into this crate.
fn absolute(path: Vec<String>, module: &[String], children: &[String]) -> Option<Vec<String>> {
    let mut from = module.to_vec();
    let mut rest = path.into_iter().peekable();
    match rest.peek().map(String::as_str) {
        Some("crate") => {
            rest.next();
            from.clear();
        }
        Some("self") => {
            rest.next();
        }
        Some("super") => {
            while rest.next_if(|segment| segment == "super").is_some() {
                from.pop();
            }
        }
        Some(first) if children.iter().any(|child| child == first) => {}
        _ => return None,
    }
    from.extend(rest);
    Some(from)
}

fn reference(path: Vec<String>, module: &[String]) -> Option<Reference> {
    absolute(path, module, &[]).map(|to| Reference { from: module.to_vec(), to })
}

/// Collects the paths that begin with `crate` or `super`, in code that is not of tests alone.
fn collect_items(items: &[Item], module: &[String], found: &mut Vec<Reference>) {
    for item in items {
        match item {
            item if is_test(attributes(item)) => {}
            Item::Mod(it) => {
                if let Some((_, items)) = &it.content {
                    let mut inner = module.to_vec();
                    inner.push(it.ident.to_string());
                    collect_items(items, &inner, found);
                }
            }
            Item::Use(it) => {
                leaves(&it.tree, Vec::new(), &mut |_, path| found.extend(reference(path, module)));
            }
            item => collect_tokens(item.to_token_stream(), module, found),
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Const(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.meta.to_token_stream().to_string();
        text.starts_with("cfg") && text.contains("test")
    })
}

/// Finds paths in any tokens, those of macros included.
fn collect_tokens(tokens: TokenStream, module: &[String], found: &mut Vec<Reference>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) if group.delimiter() != Delimiter::None || !group.stream().is_empty() => {
                collect_tokens(group.stream(), module, found);
            }
            TokenTree::Ident(first) if first == "crate" || first == "super" => {
                let mut path = vec![first.to_string()];
                while let (Some(TokenTree::Punct(one)), Some(TokenTree::Punct(two)), Some(TokenTree::Ident(next))) =
                    (tokens.get(at + 1), tokens.get(at + 2), tokens.get(at + 3))
                {
                    if one.as_char() != ':' || two.as_char() != ':' {
                        break;
                    }
                    path.push(next.to_string());
                    at += 3;
                }
                if path.len() > 1 {
                    found.extend(reference(path, module));
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Modules;

    fn references(files: &[(&str, &str)]) -> Vec<String> {
        let modules = Modules::read(files.iter().copied()).unwrap();
        modules.references().map(|it| format!("{} -> {}", it.from.join("::"), it.to.join("::"))).collect()
    }

    #[test]
    fn reads_uses_paths_and_macros() {
        let file = "use super::b::{C, d::*}; fn f() -> crate::e::E { vec![super::super::g::h()] }";
        assert_eq!(
            references(&[("a/x.rs", file)]),
            ["a::x -> a::b::C", "a::x -> a::b::d", "a::x -> e::E", "a::x -> g::h"]
        );
    }

    #[test]
    fn follows_re_exports_to_where_an_item_is_defined() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::Error; pub use b::*;"),
            ("a.rs", "pub struct Error;"),
            ("b/mod.rs", "mod c; pub use c::Deep;"),
            ("b/c.rs", "pub struct Deep;"),
            ("d.rs", "use crate::{Deep, Error};"),
        ];
        assert_eq!(references(&files), ["d -> b::c::Deep", "d -> a::Error"]);
    }

    #[test]
    fn leaves_tests_out() {
        let file = "#[cfg(test)] mod tests { use crate::b::B; } #[cfg(test)] use crate::c::C;";
        assert!(references(&[("a.rs", file), ("a/tests/x.rs", "use crate::b::B;")]).is_empty());
    }
}
