//! Listings of servers that page in any way: every item exactly once and in order, or an error.

use std::collections::HashMap;

use cakemail_client::{ErrorKind, Result};
use cakemail_model::contacts::ListContactsQuery;
use cakemail_transport::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Reply, StubServer, status};

/// How a server pages.
#[derive(Debug, Clone)]
struct Server {
    total: u64,
    /// The largest page, if the server has a limit.
    limit: Option<u64>,
    states_limit: StatedSize,
    has_more: bool,
    count: bool,
    cursors: bool,
    /// Every third element is `null`.
    nulls: bool,
    fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum StatedSize {
    No,
    Real,
    /// The size that was asked for, even if the page is smaller.
    Asked,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The page after this many elements is the page before it.
    Repeats(u64),
    /// Every page is the first one.
    IgnoresPosition,
    /// The page after this many elements is empty, and others follow.
    Empty(u64),
}

impl Server {
    /// Whether a client can know where the listing ends.
    fn states_the_end(&self) -> bool {
        self.has_more || self.count || self.cursors
    }

    fn respond(&self, request: &Request) -> Reply {
        let query: HashMap<String, String> =
            serde_urlencoded::from_str(request.uri().query().unwrap_or_default()).unwrap();
        let asked: u64 = query["per_page"].parse().unwrap();
        let size = asked.min(self.limit.unwrap_or(u64::MAX));
        let page: u64 = query.get("page").map_or(1, |page| page.parse().unwrap());
        let cursor = query.get("cursor").map(|cursor| cursor.parse().unwrap());
        let start = cursor.unwrap_or_else(|| (page - 1).saturating_mul(size)).min(self.total);
        let end = match self.fault {
            Some(Fault::Empty(from)) if start >= from => start,
            _ => (start + size).min(self.total),
        };
        let data: Vec<Value> = match self.fault {
            Some(Fault::Repeats(from)) if start >= from.max(1) => self.elements(start.saturating_sub(size), start),
            Some(Fault::IgnoresPosition) => self.elements(0, size.min(self.total)),
            _ => self.elements(start, end),
        };
        let mut pagination = json!({"page": page});
        match self.states_limit {
            StatedSize::No => {}
            StatedSize::Real => pagination["per_page"] = size.into(),
            StatedSize::Asked => pagination["per_page"] = asked.to_string().into(),
        }
        if self.has_more {
            pagination["has_more"] = (end < self.total).into();
        }
        if self.count {
            pagination["count"] = self.total.into();
        }
        if self.cursors {
            let next = (end < self.total).then(|| end.to_string());
            pagination["cursor"] = json!({"previous": null, "next": next});
        }
        status(200, json!({"pagination": pagination, "data": data}))
    }

    fn elements(&self, start: u64, end: u64) -> Vec<Value> {
        (start..end).map(|id| if self.is_null(id) { Value::Null } else { json!({"id": id}) }).collect()
    }

    fn is_null(&self, id: u64) -> bool {
        self.nulls && id % 3 == 1
    }

    fn items(&self) -> Vec<u64> {
        (0..self.total).filter(|id| !self.is_null(*id)).collect()
    }
}

fn read(server: &Server, per_page: u64) -> Result<Vec<u64>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let paging = server.clone();
    runtime.block_on(async {
        let server = StubServer::new(move |request| std::future::ready(paging.respond(&request)));
        let query = ListContactsQuery::new().per_page(per_page);
        let contacts = server.client().contacts().list(7_u64.into(), query).all().await?;
        Ok(contacts.iter().map(|contact| contact.id.get()).collect())
    })
}

fn servers() -> impl Strategy<Value = Server> {
    let size = prop::sample::select(vec![StatedSize::No, StatedSize::Real, StatedSize::Asked]);
    let statements = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let limit = prop::option::of(prop_oneof![2..50_u64, 50..130_u64]);
    (0..260_u64, limit, size, statements).prop_map(|(total, limit, states_limit, (has_more, count, cursors, nulls))| {
        Server { total, limit, states_limit, has_more, count, cursors, nulls, fault: None }
    })
}

fn faults() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (0..260_u64).prop_map(Fault::Repeats),
        Just(Fault::IgnoresPosition),
        (0..260_u64).prop_map(Fault::Empty),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_item_is_read_exactly_once(server in servers(), per_page in 2..500_u64) {
        // A page below the default size, with nothing that says so, cannot be told from the last one.
        let may_mislead = server.states_limit != StatedSize::Real && server.limit.is_some_and(|limit| limit < 50);
        prop_assume!(server.states_the_end() || !may_mislead);
        prop_assert_eq!(read(&server, per_page).unwrap(), server.items());
    }

    #[test]
    fn a_server_whose_pages_do_not_advance_gets_an_error_and_no_item_is_missing(
        mut server in servers(),
        fault in faults(),
        per_page in 2..500_u64,
    ) {
        prop_assume!(server.states_the_end());
        server.fault = Some(fault);
        match read(&server, per_page) {
            Ok(items) => prop_assert_eq!(items, server.items()),
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
                prop_assert!(error.to_string().contains("does not advance"), "{}", error);
            }
        }
    }
}
