//! Operations built with the constructors and setters of their types, with every field set.

use cakemail_model::accounts::GetSelfAccount;
use cakemail_model::contacts::*;
use cakemail_model::dkim::*;
use cakemail_model::domains::*;
use cakemail_model::emails::*;
use cakemail_model::lists::*;
use cakemail_model::logs::*;
use cakemail_model::reports::*;
use cakemail_model::senders::*;
use cakemail_model::shared::Language;
use cakemail_model::suppressions::*;
use cakemail_model::tags::*;
use cakemail_model::tokens::*;
use cakemail_model::users::GetSelfUser;
use cakemail_model::webhooks::*;
use cakemail_model::*;
use serde_json::json;

use crate::call::{Call, HOSTILE, call};
use crate::document::SECRET;

const NUMBER: u64 = u64::MAX;
const TIME: Timestamp = Timestamp::from_second(1_795_453_200);

pub fn built() -> Vec<Call> {
    let (list_id, contact_id, id) = (ListId::new(NUMBER), ContactId::new(NUMBER), DkimKeyId::new(NUMBER));
    let email_id = || EmailId::from(HOSTILE);
    let sender_id = || SenderId::from(HOSTILE);
    let webhook_id = || WebhookId::from(HOSTILE);
    vec![
        call(&GetSelfAccount {}),
        call(&ListContacts { list_id, query: contacts_query() }),
        call(&CreateContact { list_id, query: contact_query(), body: &contact() }),
        call(&GetContact { list_id, contact_id }),
        call(&DeleteContact { list_id, contact_id }),
        call(&PatchContact { list_id, contact_id, body: &contact_patch() }),
        call(&TagContact { list_id, contact_id, body: &contact_tags() }),
        call(&UntagContact { list_id, contact_id, body: &contact_tags() }),
        call(&UnsubscribeContact { list_id, contact_id }),
        call(&ListDkimKeys {}),
        call(&CreateDkimKey { body: &NewDkimKey::new("example.com").selector("mail") }),
        call(&GetDkimKey { id }),
        call(&DeleteDkimKey { id }),
        call(&GetDomains {}),
        call(&PatchDomains { body: &domains() }),
        call(&ValidateDomains {}),
        call(&SubmitEmail { body: &email() }),
        call(&GetEmail { email_id: email_id() }),
        call(&RenderEmail { email_id: email_id(), query: RenderEmailQuery::new().as_submitted(true).tracking(true) }),
        call(&ListLists { query: lists_query() }),
        call(&CreateList { body: &list() }),
        call(&GetList { list_id }),
        call(&DeleteList { list_id }),
        call(&PatchList { list_id, body: &list_patch() }),
        call(&AcceptListPolicy { list_id }),
        call(&ArchiveList { list_id }),
        call(&ListEmailLogs { query: log_query() }),
        call(&ListEmailSummaries { query: summary_query() }),
        call(&GetEmailReport { query: report_query() }),
        call(&ListSenders { query: ListSendersQuery::new().page(2).per_page(10).with_count(true).sort("-name") }),
        call(&CreateSender { body: &NewSender::new("Ada", "ada@example.com").language(Language::FrCa) }),
        call(&GetSender { sender_id: sender_id() }),
        call(&DeleteSender { sender_id: sender_id() }),
        call(&PatchSender { sender_id: sender_id(), body: &SenderPatch::new().name("Ada").language(Language::FrCa) }),
        call(&ConfirmSender { body: &SenderConfirmation::new(SECRET) }),
        call(&ResendSenderConfirmation { sender_id: sender_id() }),
        call(&ListSuppressions { query: suppressions_query() }),
        call(&CreateSuppression { body: &NewSuppression::new("*@example.com") }),
        call(&DeleteSuppression { email: HOSTILE.to_owned() }),
        call(&ListEmailTags { query: tags_query() }),
        call(&CreateToken { query: CreateTokenQuery::new().version(ApiVersion::V2), body: &token_request() }),
        call(&RefreshToken { query: RefreshTokenQuery::new().version(ApiVersion::V1), body: &token_refresh() }),
        call(&AnswerChallenge { body: &challenge_answer() }),
        call(&GetSelfUser {}),
        call(&ListWebhooks { query: webhooks_query() }),
        call(&CreateWebhook { body: &webhook() }),
        call(&GetWebhook { webhook_id: webhook_id() }),
        call(&PatchWebhook { webhook_id: webhook_id(), body: &webhook_patch() }),
        call(&ArchiveWebhook { webhook_id: webhook_id() }),
        call(&UnarchiveWebhook { webhook_id: webhook_id() }),
    ]
}

fn filter() -> Filter {
    Filter::equal("status", "active").unwrap()
}

fn tags() -> TagFilter {
    TagFilter::any(["welcome", "reset"]).and(TagFilter::from("test").not())
}

fn contacts_query() -> ListContactsQuery {
    let query = ListContactsQuery::new().query("ada").json("{}").cursor("next").fiql("a==b");
    query.page(2).per_page(10).with_count(true).sort("+email").filter(filter())
}

fn contact_query() -> CreateContactQuery {
    CreateContactQuery::new().send_double_opt_in(DoubleOptIn::NotActive).resubscribe(false)
}

fn contact() -> NewContact {
    NewContact::new("ada@example.com").custom_attributes([NewContactAttribute::new("name").value("Ada")])
}

fn contact_patch() -> ContactPatch {
    let patch = ContactPatch::new().email("ada@example.org").interests(["email".to_owned()]);
    patch.tags(["customer".to_owned()]).custom_attributes([NewContactAttribute::new("name").value("Ada")])
}

fn contact_tags() -> ContactTags {
    ContactTags::new(["customer".to_owned(), "beta".to_owned()])
}

fn domains() -> DomainsPatch {
    let domains = NewDomains::new().bounce("bounce.example.com").tracking("https://track.example.com/");
    DomainsPatch::new(domains.forward("https://example.com/"))
}

pub fn email() -> NewEmail {
    let mut content = EmailContent::new("Hello", EmailType::Transactional).html("<p>Hi</p>").text("Hi");
    content = content.encoding(Encoding::Utf8).template(TemplateRef::new(TemplateId::new(3)));
    content = content.markup(json!({ "@type": "EmailMessage" }).as_object().unwrap().clone());
    let tracking = EmailTracking::new().opens(false).clicks_html(true).clicks_text(false);
    NewEmail::new(SenderRef::new("7").name("Ada"), content)
        .email("ada@example.com")
        .list_id(ListId::new(42))
        .contact_id(ContactId::new(9))
        .tag("welcome")
        .tracking(tracking)
        .header("X-Campaign", "spring")
        .attribute("name", "Ada")
        .attach(Attachment::new("invoice.pdf", AttachmentType::Pdf, "JVBERg=="))
        .without_list_management(true)
}

fn lists_query() -> ListListsQuery {
    ListListsQuery::new().page(2).per_page(10).with_count(true).filter(filter()).sort("-created_on")
}

fn redirections() -> NewListRedirections {
    let pages = NewListRedirections::new().after_opt_in("https://example.com/in");
    pages.after_double_opt_in("https://example.com/twice").after_opt_out("https://example.com/out")
}

fn callback() -> NewListWebhook {
    NewListWebhook::new()
        .url("https://example.com/hook")
        .actions([ListWebhookAction::Subscribe, ListWebhookAction::Spam])
}

fn list() -> NewList {
    let list = NewList::new("Newsletter", DefaultSender::new("7")).language(Language::FrCa);
    list.redirections(redirections()).webhook(callback())
}

fn list_patch() -> ListPatch {
    let patch = ListPatch::new().name("Newsletter").default_sender(DefaultSender::new("7")).language(Language::FrCa);
    patch.redirections(redirections()).webhook(callback())
}

fn log_query() -> LogQuery {
    let query = LogQuery::new().log_type(LogType::Bounce).email_id("3fbfa67e").iso_time(true).page(2).per_page(10);
    query.start_time(TIME).end_time(TIME).tags(tags()).providers("gmail").sort("-time")
}

fn summary_query() -> SummaryQuery {
    let query = SummaryQuery::new().email_id("3fbfa67e").engagement(Engagement::OpenNotClick).iso_time(false);
    let query = query.status(SummaryStatus::Bounced).page(2).per_page(10).start_time(TIME).end_time(TIME);
    query.tags(tags()).providers("gmail").sort("submitted_time").email("==ada@example.com")
}

fn report_query() -> ReportQuery {
    let query = ReportQuery::new().interval(ReportInterval::OneHour).iso_time(true).start_time(TIME).end_time(TIME);
    query.providers("gmail").tags("welcome")
}

fn suppressions_query() -> ListSuppressionsQuery {
    ListSuppressionsQuery::new().page(2).per_page(10).with_count(true).filter(filter())
}

fn tags_query() -> ListEmailTagsQuery {
    let query = ListEmailTagsQuery::new().page(2).per_page(10).with_count(false).name("welcome").kind(TagKind::Events);
    query.start_time(TIME).end_time(TIME).tags(tags())
}

pub fn token_request() -> TokenRequest {
    let request = TokenRequest::new().grant_type(GrantType::Password).username("ada+cakemail@example.com");
    let request = request.password(SECRET).refresh_token(SECRET).account_id("12");
    request.scopes("user,admin").expiration_seconds(600)
}

fn token_refresh() -> TokenRefresh {
    TokenRefresh::new(SECRET).grant_type(RefreshGrantType::RefreshToken).expiration_seconds(600)
}

fn challenge_answer() -> ChallengeResponse {
    ChallengeResponse::new(SECRET, SECRET).scopes([Scope::User, Scope::EmailApi]).expiration_seconds(600)
}

fn webhooks_query() -> ListWebhooksQuery {
    ListWebhooksQuery::new().with_archived(true).page(2).per_page(10).with_count(true)
}

fn webhook() -> NewWebhook {
    let webhook = NewWebhook::new(SubscribableEvent::EmailBounced, "https://example.com/hook");
    webhook.rate_limit(5).rate_limit_period(RateLimitPeriod::Minute)
}

fn webhook_patch() -> WebhookPatch {
    WebhookPatch::new().url("https://example.com/hook").rate_limit(5).rate_limit_period(RateLimitPeriod::Minute)
}
