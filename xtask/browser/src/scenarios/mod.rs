//! What is played, each by itself, and what it proves.

use clap::ValueEnum;

use crate::Result;
use crate::driver::Driver;
use crate::stage::Stage;

mod accounts;
mod hostile;
mod inbox;
mod looks;
mod message;
mod mishaps;
mod people;
mod webhooks;

#[derive(Clone, Copy, ValueEnum)]
pub enum Scenario {
    /// An empty inbox shows what fills it; the curl, run as it is shown, brings an email in without a reload; so do samples
    Empty,
    /// An email that the library sends is at the top at once; scroll, focus and selection stay
    Live,
    /// Each way to look at an email shows what it should, and none is an open
    Views,
    /// What is let happen to an email shows in message, list and the API's answer; what cannot happen is refused in words
    Timeline,
    /// A sender is confirmed, one added; addresses are suppressed and released; lists and contacts are there
    People,
    /// A webhook's deliveries are shown as they arrived; again and tampered with on request
    Webhooks,
    /// Each operator finds what it should; the back button, a reload and the keyboard know the way
    Search,
    /// The clock's buttons deliver, freeze and resume
    Clock,
    /// Rules and faults set by the page strike the library's next send, until they are ended
    Faults,
    /// Requests are shown without secrets, findings with their request; a reset empties all
    Requests,
    /// Every page, light and dark, wide and narrow: legible, nothing cut off, named, and its focus is seen
    Looks,
    /// No hostile email runs a script, asks for anything, or leads away; without the sandbox's care the same emails do
    Hostile,
    /// The chooser keeps accounts apart
    Accounts,
    /// A sandbox that is gone is said to be gone; one that is back is shown
    Gone,
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Live => "live",
            Self::Views => "views",
            Self::Timeline => "timeline",
            Self::People => "people",
            Self::Webhooks => "webhooks",
            Self::Search => "search",
            Self::Clock => "clock",
            Self::Faults => "faults",
            Self::Requests => "requests",
            Self::Looks => "looks",
            Self::Hostile => "hostile",
            Self::Accounts => "accounts",
            Self::Gone => "gone",
        }
    }

    pub fn proves(self) -> String {
        let help = self.to_possible_value().and_then(|it| it.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }

    pub async fn play(self, driver: &Driver, stage: &mut Stage) -> Result {
        match self {
            Self::Empty => inbox::empty(stage).await,
            Self::Live => inbox::live(stage).await,
            Self::Views => message::views(stage).await,
            Self::Timeline => message::timeline(stage).await,
            Self::People => people::people(stage).await,
            Self::Webhooks => webhooks::webhooks(stage).await,
            Self::Search => inbox::search(stage).await,
            Self::Clock => mishaps::clock(stage).await,
            Self::Faults => mishaps::faults(stage).await,
            Self::Requests => mishaps::requests(stage).await,
            Self::Looks => looks::looks(stage).await,
            Self::Hostile => hostile::hostile(driver, stage).await,
            Self::Accounts => accounts::accounts(stage).await,
            Self::Gone => accounts::gone(stage).await,
        }
    }
}
