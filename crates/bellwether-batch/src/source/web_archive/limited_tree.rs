//! HTML as a tree of limited size.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use dom_query::{Document, NodeId};
use html5ever::tendril::{SliceExt, StrTendril};
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{Attribute, QualName};

use super::open_tag::OpenTag;

/// The deepest that the elements of a page may be nested: 512. Browsers stop there too.
pub const MAX_HTML_DEPTH: usize = 512;

/// The most nodes (elements, texts, comments) that a page may have: 262,144.
pub const MAX_HTML_NODES: usize = 1 << 18;

/// The most attributes that a tag of a page may have: 1,024.
pub const MAX_TAG_ATTRIBUTES: usize = 1 << 10;

/// The longest that a tag of a page may be with its attributes, in bytes: 16 MiB. Attributes hold whole images.
pub const MAX_TAG_BYTES: usize = 16 << 20;

/// The most attributes that the elements of a page may have together: 1,048,576.
pub const MAX_HTML_ATTRIBUTES: usize = 1 << 20;

/// How many bytes are parsed before the limits are looked at again.
const PIECE_BYTES: usize = 4 << 10;

/// The limit that a page is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TreeLimit {
    Depth,
    Nodes,
    Attributes,
    TagAttributes,
    TagBytes,
}

/// Parses a page by the HTML standard, and stops soon after it is over a limit: the standard's algorithm takes time by
/// the square of the depth, and can make far more nodes than there are bytes.
pub(super) fn parse(html: &str) -> Result<Document, TreeLimit> {
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let watched = Watched { builder: TreeBuilder::new(LimitedTree::default(), options), has_token: Cell::new(false) };
    let tokenizer = Tokenizer::new(watched, TokenizerOpts::default());
    let input = BufferQueue::default();
    let feed = |piece: &str| {
        input.push_back(piece.to_tendril());
        // A script, or an encoding that is stated, is where a browser would do something else first.
        while !input.is_empty() {
            let _ = tokenizer.feed(&input);
        }
        tokenizer.sink.builder.sink.over.get().map_or(Ok(()), Err)
    };
    let mut open = None;
    let mut rest = html;
    while !rest.is_empty() {
        // Pieces end before the next `<`, so that what the tokenizer is in begins at the beginning of one.
        let begins = rest.starts_with('<');
        let within = rest.floor_char_boundary(PIECE_BYTES);
        let end =
            memchr::memchr(b'<', &rest.as_bytes()[usize::from(begins)..within]).map_or(within, |at| at + usize::from(begins));
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        let (mark, text) = piece.split_at(begins.into());
        if begins {
            // What stood before it is over now, unless this is within a value or a comment.
            tokenizer.sink.has_token.set(false);
            feed(mark)?;
            match &mut open {
                Some(tag) if !tokenizer.sink.has_token.get() => OpenTag::read(tag, mark.as_bytes()),
                _ => open = Some(OpenTag::default()),
            }
        }
        tokenizer.sink.has_token.set(false);
        feed(text)?;
        if tokenizer.sink.has_token.get() {
            open = None;
        } else if let Some(tag) = &mut open {
            tag.read(text.as_bytes());
            if tag.attributes > MAX_TAG_ATTRIBUTES {
                return Err(TreeLimit::TagAttributes);
            }
            if tag.bytes > MAX_TAG_BYTES {
                return Err(TreeLimit::TagBytes);
            }
        }
    }
    tokenizer.end();
    let tree = tokenizer.sink.builder.sink;
    tree.over.get().map_or(Ok(tree.document), Err)
}

/// Notices when the tokenizer has come to the end of something.
struct Watched {
    builder: TreeBuilder<NodeId, LimitedTree>,
    has_token: Cell<bool>,
}

impl TokenSink for Watched {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        // An error is told in the middle of a tag.
        self.has_token.set(self.has_token.get() || !matches!(token, Token::ParseError(_)));
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// A document that notices when it grows over a limit.
#[derive(Default)]
struct LimitedTree {
    document: Document,
    over: Cell<Option<TreeLimit>>,
    attributes: Cell<usize>,
    /// How deep the templates are whose content stands apart from the tree.
    templates: RefCell<HashMap<NodeId, usize>>,
}

impl LimitedTree {
    fn depth(&self, node: NodeId) -> usize {
        let (mut depth, mut root) = (0, node);
        for ancestor in self.document.tree.ancestor_ids_of_it(&node, Some(MAX_HTML_DEPTH + 1)) {
            (depth, root) = (depth + 1, ancestor);
        }
        depth + self.templates.borrow().get(&root).copied().unwrap_or(0)
    }

    fn count(&self, attributes: &[Attribute]) {
        self.attributes.set(self.attributes.get() + attributes.len());
        if self.attributes.get() > MAX_HTML_ATTRIBUTES {
            self.over.set(Some(TreeLimit::Attributes));
        } else if attributes.len() > MAX_TAG_ATTRIBUTES {
            self.over.set(Some(TreeLimit::TagAttributes));
        }
    }

    fn check(&self, parent: NodeId) {
        if self.document.tree.len() > MAX_HTML_NODES {
            self.over.set(Some(TreeLimit::Nodes));
        } else if self.depth(parent) >= MAX_HTML_DEPTH {
            self.over.set(Some(TreeLimit::Depth));
        }
    }
}

// Everything is the document's own; only what adds a node is looked at.
impl TreeSink for LimitedTree {
    type ElemName<'a> = <Document as TreeSink>::ElemName<'a>;
    type Output = Self;
    type Handle = NodeId;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {
        // Nobody reads them, and a page can have as many as bytes.
    }

    fn get_document(&self) -> NodeId {
        self.document.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Self::ElemName<'a> {
        self.document.elem_name(target)
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        self.count(&attributes);
        self.document.create_element(name, attributes, flags)
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.document.create_comment(StrTendril::new())
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.document.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.check(*parent);
        self.document.append(parent, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        self.check(*element);
        self.check(*previous);
        self.document.append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.document.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        let contents = self.document.get_template_contents(target);
        let depth = self.depth(*target) + 1;
        self.templates.borrow_mut().insert(contents, depth);
        contents
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.document.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.check(*sibling);
        self.document.append_before_sibling(sibling, child);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        self.count(&attributes);
        self.document.add_attrs_if_missing(target, attributes);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.document.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        self.document.reparent_children(node, new_parent);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &NodeId) -> bool {
        self.document.is_mathml_annotation_xml_integration_point(handle)
    }
}
