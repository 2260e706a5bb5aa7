//! Every operation of the API, and how the sandbox answers it.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

/// How the sandbox answers an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Objects are stored, listed, filtered, changed and deleted.
    Collection,
    /// An object changes its state, by the rules of a state machine.
    Transition,
    /// The call has effects beyond the object that it names.
    Behavior,
}

/// An operation of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The `operationId`.
    pub(crate) id: &'static str,
    /// The HTTP method, in capitals.
    pub(crate) method: &'static str,
    /// The path's template, such as `/lists/{list_id}`.
    pub(crate) path: &'static str,
    /// The resource that it belongs to.
    pub(crate) resource: &'static str,
    pub(crate) tier: Tier,
}

/// The operations, in the order of the spec.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        id: "getSelfAccount",
        method: "GET",
        path: "/accounts/self",
        resource: "accounts",
        tier: Tier::Collection,
    },
    Operation {
        id: "listContactsOfList",
        method: "GET",
        path: "/lists/{list_id}/contacts",
        resource: "contacts",
        tier: Tier::Behavior,
    },
    Operation {
        id: "createContact",
        method: "POST",
        path: "/lists/{list_id}/contacts",
        resource: "contacts",
        tier: Tier::Behavior,
    },
    Operation {
        id: "getContact",
        method: "GET",
        path: "/lists/{list_id}/contacts/{contact_id}",
        resource: "contacts",
        tier: Tier::Collection,
    },
    Operation {
        id: "deleteContact",
        method: "DELETE",
        path: "/lists/{list_id}/contacts/{contact_id}",
        resource: "contacts",
        tier: Tier::Collection,
    },
    Operation {
        id: "patchContact",
        method: "PATCH",
        path: "/lists/{list_id}/contacts/{contact_id}",
        resource: "contacts",
        tier: Tier::Collection,
    },
    Operation {
        id: "tagContact",
        method: "POST",
        path: "/lists/{list_id}/contacts/{contact_id}/tag",
        resource: "contacts",
        tier: Tier::Collection,
    },
    Operation {
        id: "unsubscribeContact",
        method: "POST",
        path: "/lists/{list_id}/contacts/{contact_id}/unsubscribe",
        resource: "contacts",
        tier: Tier::Transition,
    },
    Operation {
        id: "untagContact",
        method: "POST",
        path: "/lists/{list_id}/contacts/{contact_id}/untag",
        resource: "contacts",
        tier: Tier::Collection,
    },
    Operation {
        id: "list_dkim_keys_brands_default_dkim_get",
        method: "GET",
        path: "/brands/default/dkim",
        resource: "dkim",
        tier: Tier::Collection,
    },
    Operation {
        id: "create_dkim_key_brands_default_dkim_post",
        method: "POST",
        path: "/brands/default/dkim",
        resource: "dkim",
        tier: Tier::Collection,
    },
    Operation {
        id: "get_dkim_key_brands_default_dkim__id__get",
        method: "GET",
        path: "/brands/default/dkim/{id}",
        resource: "dkim",
        tier: Tier::Collection,
    },
    Operation {
        id: "delete_dkim_key_brands_default_dkim__id__delete",
        method: "DELETE",
        path: "/brands/default/dkim/{id}",
        resource: "dkim",
        tier: Tier::Collection,
    },
    Operation {
        id: "showDomains",
        method: "GET",
        path: "/brands/default/domains/default",
        resource: "domains",
        tier: Tier::Collection,
    },
    Operation {
        id: "patchDomains",
        method: "PATCH",
        path: "/brands/default/domains/default",
        resource: "domains",
        tier: Tier::Collection,
    },
    Operation {
        id: "validateDomains",
        method: "GET",
        path: "/brands/default/domains/default/validate",
        resource: "domains",
        tier: Tier::Behavior,
    },
    Operation { id: "submitEmail", method: "POST", path: "/v2/emails", resource: "emails", tier: Tier::Behavior },
    Operation {
        id: "showEmail",
        method: "GET",
        path: "/v2/emails/{email_id}",
        resource: "emails",
        tier: Tier::Behavior,
    },
    Operation {
        id: "renderEmail",
        method: "GET",
        path: "/v2/emails/{email_id}/render",
        resource: "emails",
        tier: Tier::Behavior,
    },
    Operation { id: "listLists", method: "GET", path: "/lists", resource: "lists", tier: Tier::Collection },
    Operation { id: "createList", method: "POST", path: "/lists", resource: "lists", tier: Tier::Collection },
    Operation { id: "getList", method: "GET", path: "/lists/{list_id}", resource: "lists", tier: Tier::Collection },
    Operation { id: "deleteList", method: "DELETE", path: "/lists/{list_id}", resource: "lists", tier: Tier::Behavior },
    Operation { id: "patchList", method: "PATCH", path: "/lists/{list_id}", resource: "lists", tier: Tier::Collection },
    Operation {
        id: "acceptListPolicy",
        method: "POST",
        path: "/lists/{list_id}/accept-policy",
        resource: "lists",
        tier: Tier::Transition,
    },
    Operation {
        id: "archiveList",
        method: "POST",
        path: "/lists/{list_id}/archive",
        resource: "lists",
        tier: Tier::Transition,
    },
    Operation {
        id: "getEmailAPISummary",
        method: "GET",
        path: "/logs/emails-summary",
        resource: "logs",
        tier: Tier::Behavior,
    },
    Operation { id: "getEmailAPILogs", method: "GET", path: "/v2/logs/emails", resource: "logs", tier: Tier::Behavior },
    Operation {
        id: "getEmailAPIStats",
        method: "GET",
        path: "/v2/reports/emails",
        resource: "reports",
        tier: Tier::Behavior,
    },
    Operation {
        id: "listSenders",
        method: "GET",
        path: "/brands/default/senders",
        resource: "senders",
        tier: Tier::Collection,
    },
    Operation {
        id: "createSender",
        method: "POST",
        path: "/brands/default/senders",
        resource: "senders",
        tier: Tier::Behavior,
    },
    Operation {
        id: "confirmSender",
        method: "POST",
        path: "/brands/default/senders/confirm-email",
        resource: "senders",
        tier: Tier::Transition,
    },
    Operation {
        id: "getSender",
        method: "GET",
        path: "/brands/default/senders/{sender_id}",
        resource: "senders",
        tier: Tier::Collection,
    },
    Operation {
        id: "deleteSender",
        method: "DELETE",
        path: "/brands/default/senders/{sender_id}",
        resource: "senders",
        tier: Tier::Collection,
    },
    Operation {
        id: "patchSender",
        method: "PATCH",
        path: "/brands/default/senders/{sender_id}",
        resource: "senders",
        tier: Tier::Collection,
    },
    Operation {
        id: "resendConfirmationEmail",
        method: "POST",
        path: "/brands/default/senders/{sender_id}/resend-confirmation-email",
        resource: "senders",
        tier: Tier::Behavior,
    },
    Operation {
        id: "listSuppressedEmails",
        method: "GET",
        path: "/suppressed-emails",
        resource: "suppressions",
        tier: Tier::Collection,
    },
    Operation {
        id: "createSuppressedEmail",
        method: "POST",
        path: "/suppressed-emails",
        resource: "suppressions",
        tier: Tier::Behavior,
    },
    Operation {
        id: "deleteSuppressedEmail",
        method: "DELETE",
        path: "/suppressed-emails/{email}",
        resource: "suppressions",
        tier: Tier::Behavior,
    },
    Operation { id: "listEmailTags", method: "GET", path: "/email-tags", resource: "tags", tier: Tier::Behavior },
    Operation { id: "refreshToken", method: "PUT", path: "/token", resource: "tokens", tier: Tier::Behavior },
    Operation { id: "createToken", method: "POST", path: "/token", resource: "tokens", tier: Tier::Behavior },
    Operation {
        id: "createTokenFromChallenge",
        method: "POST",
        path: "/token/challenge",
        resource: "tokens",
        tier: Tier::Behavior,
    },
    Operation { id: "getSelfUser", method: "GET", path: "/users/self", resource: "users", tier: Tier::Collection },
    Operation { id: "listWebhooks", method: "GET", path: "/webhooks", resource: "webhooks", tier: Tier::Collection },
    Operation { id: "createWebhook", method: "POST", path: "/webhooks", resource: "webhooks", tier: Tier::Behavior },
    Operation {
        id: "getWebhook",
        method: "GET",
        path: "/webhooks/{webhook_id}",
        resource: "webhooks",
        tier: Tier::Collection,
    },
    Operation {
        id: "patchWebhook",
        method: "PATCH",
        path: "/webhooks/{webhook_id}",
        resource: "webhooks",
        tier: Tier::Collection,
    },
    Operation {
        id: "archiveWebhook",
        method: "POST",
        path: "/webhooks/{webhook_id}/archive",
        resource: "webhooks",
        tier: Tier::Transition,
    },
    Operation {
        id: "unarchiveWebhook",
        method: "POST",
        path: "/webhooks/{webhook_id}/unarchive",
        resource: "webhooks",
        tier: Tier::Transition,
    },
];
