//! HTML as a tree of limited size.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use dom_query::{Document, NodeId};
use html5ever::tendril::{SliceExt, StrTendril, TendrilSink};
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink};
use html5ever::{Attribute, ParseOpts, QualName};

/// The deepest that the elements of a page may be nested: 512. Browsers stop there too.
pub const MAX_HTML_DEPTH: usize = 512;

/// The most nodes (elements, texts, comments) that a page may have: 262,144.
pub const MAX_HTML_NODES: usize = 1 << 18;

/// How many bytes are parsed before the limits are looked at again.
const PIECE_BYTES: usize = 4 << 10;

/// The limit that a page is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TreeLimit {
    Depth,
    Nodes,
}

/// Parses a page by the HTML standard, and stops soon after it is over a limit: the standard's algorithm takes time by
/// the square of the depth, and can make far more nodes than there are bytes.
pub(super) fn parse(html: &str) -> Result<Document, TreeLimit> {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tokenizer: TokenizerOpts::default(), tree_builder };
    let mut parser = html5ever::parse_document(LimitedTree::default(), options);
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        parser.process(piece.to_tendril());
        if let Some(limit) = parser.tokenizer.sink.sink.over.get() {
            return Err(limit);
        }
        rest = behind;
    }
    let tree = parser.finish();
    tree.over.get().map_or(Ok(tree.document), Err)
}

/// A document that notices when it grows over a limit.
#[derive(Default)]
struct LimitedTree {
    document: Document,
    over: Cell<Option<TreeLimit>>,
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
