//! Calls the five methods of the made-up resource `gadgets` over HTTP, against the sandbox.

use cakemail::gadgets::{Color, GadgetPatch, ListGadgetsQuery, NewGadget};
use cakemail::sandbox::{Sandbox, SandboxClient};
use cakemail::{ErrorKind, Filter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let client = sandbox.client()?;
    let gadgets = client.gadgets();

    let first = gadgets.create(&NewGadget::new("First", Color::Red).weight(7).labels(["a".to_owned()])).await?;
    let second = gadgets.create(&NewGadget::new("Second", Color::Blue)).await?;
    assert_ne!(first.id, second.id);
    assert_eq!((first.name.as_str(), first.weight), ("First", Some(7)));
    assert!(first.created_on.is_some());

    let invalid = gadgets.create(&NewGadget::new("", Color::Red)).await.unwrap_err();
    assert_eq!(invalid.kind(), ErrorKind::BadRequest);
    assert_eq!(invalid.fields().len(), 1, "{invalid}");

    let names = |query: ListGadgetsQuery| {
        let listing = gadgets.list(query);
        async { listing.all().await.map(|all| all.into_iter().map(|gadget| gadget.name).collect::<Vec<_>>()) }
    };
    assert_eq!(names(ListGadgetsQuery::new().per_page(1)).await?, ["First", "Second"]);
    assert_eq!(names(ListGadgetsQuery::new().sort("-name")).await?, ["Second", "First"]);
    assert_eq!(names(ListGadgetsQuery::new().filter(Filter::equal("color", "blue")?)).await?, ["Second"]);

    let changed = gadgets.update(first.id, &GadgetPatch::new().name("Other")).await?;
    assert_eq!((changed.name.as_str(), changed.color, changed.weight), ("Other", Color::Red, Some(7)));
    assert_eq!(gadgets.get(first.id).await?.name, "Other");

    gadgets.delete(first.id).await?;
    assert_eq!(gadgets.get(first.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(names(ListGadgetsQuery::new()).await?, ["Second"]);
    println!("the five methods of `gadgets` did as the spec says");
    Ok(())
}
