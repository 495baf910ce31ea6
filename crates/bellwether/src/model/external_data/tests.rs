use super::*;

fn check(model: &ModelProto) -> Result<()> {
    refuse_external_data(Path::new("model.onnx"), &model.encode_to_vec())
}

fn with_graph(graph: GraphProto) -> ModelProto {
    ModelProto { graph: Some(graph), ..Default::default() }
}

fn with_attribute(attribute: AttributeProto) -> GraphProto {
    GraphProto { node: vec![NodeProto { attribute: vec![attribute] }], ..Default::default() }
}

fn outside() -> TensorProto {
    TensorProto { name: "weight".into(), data_location: EXTERNAL, ..Default::default() }
}

/// `message` as the length-delimited field of which `tag` is the first byte.
fn wrapped(tag: u8, message: &[u8]) -> Vec<u8> {
    let mut field = vec![tag];
    prost::encoding::encode_varint(message.len() as u64, &mut field);
    field.extend_from_slice(message);
    field
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn a_tensor_in_another_file_is_found_wherever_it_hides() {
    let listed = TensorProto { external_data: vec![Skipped {}], ..Default::default() };
    let sparse = SparseTensorProto { indices: Some(outside()), ..Default::default() };
    let attribute = AttributeProto { tensor: Some(outside()), ..Default::default() };
    let inner = with_attribute(attribute.clone());
    let node = NodeProto { attribute: vec![attribute.clone()] };
    let graphs = [
        ("weight", GraphProto { initializer: vec![outside()], ..Default::default() }),
        ("entries", GraphProto { initializer: vec![listed], ..Default::default() }),
        ("sparse", GraphProto { sparse_initializer: vec![sparse.clone()], ..Default::default() }),
        ("attribute", inner.clone()),
        ("list", with_attribute(AttributeProto { tensors: vec![outside()], ..Default::default() })),
        ("sparse attribute", with_attribute(AttributeProto { sparse_tensors: vec![sparse], ..Default::default() })),
        ("inner graph", with_attribute(AttributeProto { graph: Some(inner.clone()), ..Default::default() })),
        ("inner graphs", with_attribute(AttributeProto { graphs: vec![inner.clone()], ..Default::default() })),
    ];
    let function = FunctionProto { node: vec![node], ..Default::default() };
    let default = FunctionProto { attribute: vec![attribute], ..Default::default() };
    let training = TrainingInfoProto { algorithm: Some(inner), ..Default::default() };
    let empty = with_graph(GraphProto::default());
    let mut models: Vec<_> = graphs.into_iter().map(|(place, graph)| (place, with_graph(graph))).collect();
    models.push(("function", ModelProto { functions: vec![function], ..empty.clone() }));
    models.push(("default", ModelProto { functions: vec![default], ..empty.clone() }));
    models.push(("training", ModelProto { training: vec![training], ..empty.clone() }));

    for (place, model) in models {
        let error = check(&model).expect_err(place);
        assert!(error.is_model_damaged(), "{place}");
        assert!(error.to_string().contains("another file"), "{place}: {error}");
    }
    check(&empty).unwrap();
}

#[test]
fn a_model_written_by_the_onnx_package_is_refused_by_the_name_of_its_tensor() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/engine/external_data.onnx"));
    let error = refuse_external_data(path, &std::fs::read(path).unwrap()).unwrap_err();
    assert_eq!(error.path(), Some(path));
    assert!(error.to_string().contains("\"dense_int8\" is kept in another file"), "{error}");
}

#[test]
fn nesting_is_bounded() {
    // Graphs nest as graph { node { attribute { graph { …, types as sequence { type { ….
    for (inner, outer) in [([0x32, 0x2a, 0x0a].as_slice(), [0x3a].as_slice()), (&[0x0a, 0x22], &[0x12, 0x5a, 0x3a])] {
        for (levels, sound) in [(10, true), (5_000, false)] {
            let nested = inner.iter().cycle().take(levels * inner.len()).fold(Vec::new(), |bytes, &tag| wrapped(tag, &bytes));
            let bytes = outer.iter().fold(nested, |bytes, &tag| wrapped(tag, &bytes));
            let result = refuse_external_data(Path::new("model.onnx"), &bytes);
            match result {
                Ok(()) => assert!(sound),
                Err(error) => {
                    assert!(!sound && error.to_string().contains("recursion limit"), "{error}");
                }
            }
        }
    }
}

#[test]
fn damaged_bytes_are_an_error_and_never_a_panic() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/engine/tiny.onnx"));
    let sound = std::fs::read(path).unwrap();
    refuse_external_data(path, &sound).unwrap();
    for at in 0..sound.len() {
        // Not every one is an error: a file cut between two outermost fields still parses.
        let _ = refuse_external_data(path, &sound[..at]);
        let mut damaged = sound.clone();
        damaged[at] ^= 0xff;
        let _ = refuse_external_data(path, &damaged);
    }
    for bytes in [&b""[..], b"not a model", &[0xff; 64], &[0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]] {
        assert!(refuse_external_data(path, bytes).unwrap_err().is_model_damaged());
    }
}
