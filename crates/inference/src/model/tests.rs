use prost::Message;
use rten::ValueView;

use super::*;
use crate::convert::onnx::ElementType;
use crate::convert::{Dim, GraphBuilder};

/// `y = x + x`.
fn double() -> (tempfile::TempDir, Model) {
    let mut graph = GraphBuilder::new("double");
    let x = graph.input("x", ElementType::Float, &[Dim::Named("n")]);
    graph.op_named("Add", &[&x, &x], vec![], "y");
    graph.output("y", &[Dim::Named("n")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("double.onnx");
    std::fs::write(&path, graph.finish().encode_to_vec()).unwrap();
    let model = Model::load(&path).unwrap();
    (folder, model)
}

#[test]
fn a_plan_runs_again_and_again_and_from_many_threads() {
    let (_folder, model) = double();
    let plan = model.plan(&["x"], &["y"]).unwrap();
    std::thread::scope(|scope| {
        for value in 0..4u8 {
            let plan = &plan;
            scope.spawn(move || {
                for _ in 0..10 {
                    let x = [f32::from(value)];
                    let [y] = plan.run_n([ValueView::from_shape([1], &x).unwrap()]).unwrap();
                    assert_eq!(y.into_shape_vec::<f32, 1>().unwrap().1, [2.0 * f32::from(value)]);
                }
            });
        }
    });
}

#[test]
fn mistakes_are_named() {
    let (_folder, model) = double();
    assert_eq!(
        (model.input_names(), model.output_names()),
        (vec!["x"], vec!["y"])
    );
    assert!(matches!(model.plan(&["z"], &["y"]), Err(ModelError::NoSuchName(name)) if name == "z"));
    let plan = model.plan(&["x"], &["y"]).unwrap();
    let none: [ValueView<'_>; 0] = [];
    assert!(matches!(
        plan.run(none),
        Err(ModelError::InputCount {
            expected: 1,
            given: 0
        })
    ));
    let x = [1.0f32; 4];
    assert!(matches!(
        plan.run([ValueView::from_shape([2, 2], &x).unwrap()]),
        Err(ModelError::Run(_))
    ));
    assert!(matches!(
        Model::load(Path::new("nowhere.onnx")),
        Err(ModelError::Load { .. })
    ));
}
