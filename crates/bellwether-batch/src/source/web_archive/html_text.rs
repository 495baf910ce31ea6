//! The text of an HTML page.

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability, TextMode};

use super::limited_tree::{self, TreeLimit};

/// Main text that is less than this part of the visible text is only one entry of a list or a thread, and is not taken.
const SMALLEST_MAIN_PART: usize = 5;

/// Elements whose text nobody sees.
const INVISIBLE: [&str; 7] = ["head", "script", "style", "noscript", "template", "svg", "iframe"];

/// The text of a page: its title, and below it the main text as Readability finds it, or all visible text where it finds
/// none or only a small part.
pub(super) fn extract(html: &str) -> Result<String, TreeLimit> {
    let page = limited_tree::parse(html)?;
    let title = title(&page);
    let main = main_text(page.clone());
    let visible = visible_text(&page);
    let text = main.filter(|main| main.len() >= visible.len() / SMALLEST_MAIN_PART).unwrap_or(visible);
    let text = text.trim();
    if title.is_empty() || text.starts_with(&title) {
        return Ok(text.to_owned());
    }
    Ok(format!("{title}\n\n{text}").trim_end().to_owned())
}

fn title(page: &Document) -> String {
    let title = page.select_single("head > title").text();
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn main_text(page: Document) -> Option<String> {
    // Metadata other than the title are not looked at, so neither is the JSON that they may be in.
    let config = Config { text_mode: TextMode::Formatted, disable_json_ld: true, ..Config::default() };
    let article = Readability::with_document(page, None, Some(config)).ok()?.parse().ok()?;
    Some(article.text_content.to_string()).filter(|text| !text.trim().is_empty())
}

fn visible_text(page: &Document) -> String {
    let invisible: Vec<NodeRef<'_>> =
        page.root().descendants_it().filter(|node| INVISIBLE.iter().any(|name| node.has_name(name))).collect();
    for node in invisible {
        node.remove_from_parent();
    }
    page.root().formatted_text().to_string()
}
