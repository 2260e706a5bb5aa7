//! The scenarios. Each runs alone, with a sandbox and a browser of its own.

use clap::ValueEnum;

use crate::Result;
use crate::driver::Driver;
use crate::test_bed::TestBed;

mod accounts;
mod actions;
mod appearance;
mod control;
mod hostile;
mod inbox;
mod message;
mod recipients;
mod scale;
mod webhooks;

#[derive(Clone, Copy, ValueEnum)]
pub enum Scenario {
    /// The empty inbox shows a curl command that works; a new email and sample emails appear without a reload
    Empty,
    /// A new email appears at the top; scroll position, focus and selection are kept
    Live,
    /// Every tab of an email shows its content, and none counts as an open
    Views,
    /// Remote images are loaded only with the switch; width and colours of the preview are in the address
    Preview,
    /// Emails are read, filtered, deleted and restored; single letters ask; the focus is never lost
    Actions,
    /// A thousand emails scroll in a small page, and new ones do not move what is read
    Scale,
    /// A triggered event shows in the email, the list and the API; an impossible event shows an error
    Timeline,
    /// Senders are added and confirmed, addresses suppressed and removed, lists and contacts shown and changed
    Recipients,
    /// A webhook's deliveries are shown as the receiver got them, replayed, and tampered with
    Webhooks,
    /// Every search operator finds the right emails; back button, reload and keyboard work
    Search,
    /// The clock is advanced, frozen and resumed
    Clock,
    /// Rules and faults set in the browser affect the next send until they are removed
    Faults,
    /// Requests are shown without secrets, findings link their request, a reset deletes everything
    Requests,
    /// Every page in light and dark, wide and narrow: contrast, layout, accessible names, visible focus
    Appearance,
    /// No hostile email runs a script, sends a request or navigates; unprotected, the same emails do
    Hostile,
    /// The account menu shows each account's data only
    Accounts,
    /// The pages report an unreachable sandbox, and reconnect when it is back
    Unreachable,
    /// A private sandbox asks for its control token once, and the inbox works after that
    SignIn,
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Live => "live",
            Self::Views => "views",
            Self::Preview => "preview",
            Self::Actions => "actions",
            Self::Scale => "scale",
            Self::Timeline => "timeline",
            Self::Recipients => "recipients",
            Self::Webhooks => "webhooks",
            Self::Search => "search",
            Self::Clock => "clock",
            Self::Faults => "faults",
            Self::Requests => "requests",
            Self::Appearance => "appearance",
            Self::Hostile => "hostile",
            Self::Accounts => "accounts",
            Self::Unreachable => "unreachable",
            Self::SignIn => "sign-in",
        }
    }

    pub fn description(self) -> String {
        let help = self.to_possible_value().and_then(|it| it.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }

    pub async fn run(self, driver: &Driver, bed: &mut TestBed) -> Result {
        match self {
            Self::Empty => inbox::empty(bed).await,
            Self::Live => inbox::live(bed).await,
            Self::Views => message::views(bed).await,
            Self::Preview => message::preview(bed).await,
            Self::Actions => actions::actions(bed).await,
            Self::Scale => scale::scale(bed).await,
            Self::Timeline => message::timeline(bed).await,
            Self::Recipients => recipients::recipients(bed).await,
            Self::Webhooks => webhooks::webhooks(bed).await,
            Self::Search => inbox::search(bed).await,
            Self::Clock => control::clock(bed).await,
            Self::Faults => control::faults(bed).await,
            Self::Requests => control::requests(bed).await,
            Self::Appearance => appearance::appearance(bed).await,
            Self::Hostile => hostile::hostile(driver, bed).await,
            Self::Accounts => accounts::accounts(bed).await,
            Self::Unreachable => accounts::unreachable(bed).await,
            Self::SignIn => accounts::sign_in(bed).await,
        }
    }
}
