//! A database whose certificate comes from an authority that no system knows, as Amazon RDS has.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use end_to_end::{Wishes, World};

use crate::driver::{Ended, with};

/// A file that is gone with the test.
struct File(PathBuf);

impl File {
    fn of(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ops-{}-{name}.pem", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn with_authority_of(name: &str, world: &World) -> Self {
        let text = STANDARD.encode(world.server().certificate());
        Self::of(
            name,
            &format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"),
        )
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Asks for reviews over TLS, with the certificate checked.
async fn reviews(world: &World, authorities: &Path) -> Ended {
    let encrypted: Vec<String> = world
        .logins
        .ops
        .split(';')
        .filter(|member| !member.starts_with("Encrypt") && !member.starts_with("TrustServer"))
        .map(|member| member.replace("tcp:127.0.0.1", "tcp:localhost"))
        .chain(["Encrypt=true".to_owned()])
        .collect();
    let variables = [
        ("CENTRAL_CONNECTION_STRING", encrypted.join(";")),
        ("CENTRAL_CA_FILE", authorities.display().to_string()),
    ];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    with(&variables, &["reviews"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorities_of_the_file_are_trusted_and_no_others() {
    let world = World::embedded(Wishes::devices(1)).await;
    let another = World::embedded(Wishes::devices(1)).await;
    let right = File::with_authority_of("right", &world);
    reviews(&world, &right.0).await.says(0, "");
    let wrong = File::with_authority_of("wrong", &another);
    let refused = reviews(&world, &wrong.0).await;
    refused.says(1, "look at CENTRAL_CA_FILE");
    assert_eq!(refused.out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_used_is_named() {
    let world = World::embedded(Wishes::devices(1)).await;
    let missing = reviews(&world, Path::new("/nowhere/authorities.pem")).await;
    missing.says(
        1,
        "CENTRAL_CA_FILE cannot be used: /nowhere/authorities.pem",
    );
    let empty = File::of("empty", "not a certificate");
    let nonsense = reviews(&world, &empty.0).await;
    nonsense.says(1, "holds no certificate in PEM form");
}
