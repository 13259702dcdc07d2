//! Checks the published vectors of the digest. `tests/vectors/digest/digest.py` computes them from the line alone, with
//! another implementation of RFC 8785.

use std::path::Path;

use domain::Record;
use serde_json::Value;

#[test]
fn digests_match_the_published_vectors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/digest");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("the folder of the vectors") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a vector")).expect("JSON");
        let mut line = vector["agreement"].clone();
        line["type"] = "agreement".into();
        let agreement = match Record::from_line(&line.to_string()) {
            Ok(Record::Agreement(agreement)) => agreement,
            other => panic!("{}: {other:?}", path.display()),
        };
        let number = u32::try_from(vector["version"].as_u64().expect("a number")).expect("a small one");
        let version = agreement.version(number).expect("the version");
        assert_eq!(vector["digest"], version.digest(agreement.number).to_string(), "{}", path.display());
        // Written and read back, the version has the same digest.
        let again = Record::from_line(&Record::Agreement(agreement.clone()).line()).expect("its own line");
        assert_eq!(again, Record::Agreement(agreement), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 10, "only {seen} vectors");
}
