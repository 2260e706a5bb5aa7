//! How the response of every operation is read.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail::model;

use crate::targets::{Read, read};

/// Reads the response of each operation, by its id.
pub fn responses() -> Vec<(&'static str, Read)> {
    vec![
        ("getSelfAccount", read::<model::accounts::GetSelfAccount>),
        ("listContactsOfList", read::<model::contacts::ListContacts>),
        ("createContact", read::<model::contacts::CreateContact>),
        ("getContact", read::<model::contacts::GetContact>),
        ("deleteContact", read::<model::contacts::DeleteContact>),
        ("patchContact", read::<model::contacts::PatchContact>),
        ("tagContact", read::<model::contacts::TagContact>),
        ("unsubscribeContact", read::<model::contacts::UnsubscribeContact>),
        ("untagContact", read::<model::contacts::UntagContact>),
        ("list_dkim_keys_brands_default_dkim_get", read::<model::dkim::ListDkimKeys>),
        ("create_dkim_key_brands_default_dkim_post", read::<model::dkim::CreateDkimKey>),
        ("get_dkim_key_brands_default_dkim__id__get", read::<model::dkim::GetDkimKey>),
        ("delete_dkim_key_brands_default_dkim__id__delete", read::<model::dkim::DeleteDkimKey>),
        ("showDomains", read::<model::domains::GetDomains>),
        ("patchDomains", read::<model::domains::PatchDomains>),
        ("validateDomains", read::<model::domains::ValidateDomains>),
        ("submitEmail", read::<model::emails::SubmitEmail>),
        ("showEmail", read::<model::emails::GetEmail>),
        ("renderEmail", read::<model::emails::RenderEmail>),
        ("listLists", read::<model::lists::ListLists>),
        ("createList", read::<model::lists::CreateList>),
        ("getList", read::<model::lists::GetList>),
        ("deleteList", read::<model::lists::DeleteList>),
        ("patchList", read::<model::lists::PatchList>),
        ("acceptListPolicy", read::<model::lists::AcceptListPolicy>),
        ("archiveList", read::<model::lists::ArchiveList>),
        ("getEmailAPISummary", read::<model::logs::ListEmailSummaries>),
        ("getEmailAPILogs", read::<model::logs::ListEmailLogs>),
        ("getEmailAPIStats", read::<model::reports::GetEmailReport>),
        ("listSenders", read::<model::senders::ListSenders>),
        ("createSender", read::<model::senders::CreateSender>),
        ("confirmSender", read::<model::senders::ConfirmSender>),
        ("getSender", read::<model::senders::GetSender>),
        ("deleteSender", read::<model::senders::DeleteSender>),
        ("patchSender", read::<model::senders::PatchSender>),
        ("resendConfirmationEmail", read::<model::senders::ResendSenderConfirmation>),
        ("listSuppressedEmails", read::<model::suppressions::ListSuppressions>),
        ("createSuppressedEmail", read::<model::suppressions::CreateSuppression>),
        ("deleteSuppressedEmail", read::<model::suppressions::DeleteSuppression>),
        ("listEmailTags", read::<model::tags::ListEmailTags>),
        ("refreshToken", read::<model::tokens::RefreshToken>),
        ("createToken", read::<model::tokens::CreateToken>),
        ("createTokenFromChallenge", read::<model::tokens::AnswerChallenge>),
        ("getSelfUser", read::<model::users::GetSelfUser>),
        ("listWebhooks", read::<model::webhooks::ListWebhooks>),
        ("createWebhook", read::<model::webhooks::CreateWebhook>),
        ("getWebhook", read::<model::webhooks::GetWebhook>),
        ("patchWebhook", read::<model::webhooks::PatchWebhook>),
        ("archiveWebhook", read::<model::webhooks::ArchiveWebhook>),
        ("unarchiveWebhook", read::<model::webhooks::UnarchiveWebhook>),
    ]
}
