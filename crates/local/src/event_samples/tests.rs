use std::{collections::BTreeMap, path::Path};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

use super::*;
use crate::sign_in::{DEFAULT_AUDIENCE, event_key};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// Name and text of every file in events/.
fn committed() -> BTreeMap<String, String> {
    std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert_eq!(path.extension().unwrap(), "json", "{}", path.display());
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_folder_holds_what_make_events_would_write() {
    let made: BTreeMap<String, String> = samples(&committed_token().unwrap())
        .into_iter()
        .map(|sample| (sample.name.to_owned(), format!("{:#}\n", sample.event)))
        .collect();
    let committed = committed();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&committed), names(&made), "run `make events`");
    for (name, text) in made {
        assert_eq!(committed[&name], text, "{name}: run `make events`");
    }
}

#[test]
fn the_samples_hold_one_token_which_only_the_stand_ins_fake_key_signed() {
    let token = committed_token().unwrap();
    for (name, text) in committed() {
        // Every JSON Web Token begins like this: the brace of its header in base64.
        for found in text.match_indices("eyJ").map(|(at, _)| &text[at..]) {
            assert!(
                found.starts_with(&token) || token.contains(found.split('"').next().unwrap()),
                "{name} holds another token"
            );
        }
    }
    let key = event_key::public();
    let id = key["kid"].as_str().unwrap();
    assert!(id.starts_with(event_key::ID), "{id}");
    assert!(
        key.get("d").is_none(),
        "the private half is in the repository"
    );
    assert_eq!(decode_header(&token).unwrap().kid.as_deref(), Some(id));

    let coordinate = |name: &str| key[name].as_str().unwrap();
    let public = DecodingKey::from_ec_components(coordinate("x"), coordinate("y")).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[event_key::ISSUER]);
    validation.set_audience(&[DEFAULT_AUDIENCE]);
    let claims = decode::<Value>(&token, &public, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["sub"], caller().name);
}

#[tokio::test]
async fn only_a_stand_in_that_is_asked_to_serves_the_key_of_the_samples() {
    for (with_event_key, expected) in [(true, true), (false, false)] {
        let sign_in = crate::sign_in::SignIn::start(crate::sign_in::Options {
            with_event_key,
            ..crate::sign_in::Options::default()
        })
        .await
        .unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let keys = http.get(sign_in.jwks_url()).send().await.unwrap();
        let keys: Value = keys.json().await.unwrap();
        let served = keys["keys"]
            .as_array()
            .unwrap()
            .contains(&event_key::public());
        assert_eq!(served, expected);
    }
}
