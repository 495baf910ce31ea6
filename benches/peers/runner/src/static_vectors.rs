//! model2vec-rs with a logistic head.

use std::fs;

use bellwether::Category;
use model2vec_rs::model::StaticModel;
use serde::Deserialize;

use crate::Failure;
use crate::contender::{Contender, Scored};

/// A static model; its head, if there is one yet.
///
/// Only `encode` is timed. The head is five dot products a text, which whoever uses the vectors would have in some form.
pub(crate) struct StaticVectors {
    model: StaticModel,
    head: Option<Head>,
}

/// A row of weights and a bias for each label.
#[derive(Deserialize)]
struct Head {
    weights: [Vec<f32>; Category::COUNT],
    biases: [f32; Category::COUNT],
}

impl StaticVectors {
    pub(crate) fn open(folder: &str, head: Option<&str>) -> Result<Self, Failure> {
        let head = head.map(fs::read_to_string).transpose()?.map(|json| serde_json::from_str(&json)).transpose()?;
        Ok(Self { model: StaticModel::from_pretrained(folder, None, None, None)?, head })
    }
}

impl Contender for StaticVectors {
    fn description(&self) -> String {
        format!("model2vec-rs 0.4.0, {} dimensions", self.model.dim())
    }

    fn score(&self, texts: &[String]) -> Result<Scored, Failure> {
        // No length is set: by default it drops what is behind 512 tokens.
        let vectors = self.model.encode_with_args(texts, None, texts.len().max(1));
        Ok(Scored { vectors, ..Scored::default() })
    }

    fn finish(&self, scored: Scored) -> Vec<[f32; Category::COUNT]> {
        let Some(head) = &self.head else { return Vec::new() };
        let score = |vector: &Vec<f32>| {
            std::array::from_fn(|label| {
                let product: f32 = head.weights[label].iter().zip(vector).map(|(weight, value)| weight * value).sum();
                1.0 / (1.0 + (-(product + head.biases[label])).exp())
            })
        };
        scored.vectors.iter().map(score).collect()
    }
}
