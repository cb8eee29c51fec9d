//! From the start of a process to its first answer, where nobody has to be asked over the network.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use end_to_end::{
    function::{Function, environment_without_neighbours, http},
    packages::unpack,
};
use serde_json::{Value, json};

use crate::{
    lambda::{Lambda, beside_this_program, built},
    packages::of_this_machine,
    report::{Goal, Section, median},
};

/// Starts of each binary that are counted.
const STARTS: usize = 20;
/// Milliseconds.
const GOAL: f64 = 60.0;

pub(crate) async fn measure() -> anyhow::Result<Section> {
    let mut rows = Vec::new();
    let mut slowest = 0.0_f64;
    for function in [Function::Intake, Function::Consumer] {
        let (binary, program) = binary(function)?;
        let from_disk = match forget(&program) {
            Ok(()) => format!("{:.0}", start(&program, function).await?),
            Err(_) => "not measured".to_owned(),
        };
        let mut all = Vec::new();
        for _ in 0..STARTS {
            all.push(start(&program, function).await?);
        }
        let most = all.iter().copied().fold(0.0, f64::max);
        slowest = slowest.max(most);
        rows.push(vec![
            function.name().to_owned(),
            binary.to_owned(),
            from_disk,
            STARTS.to_string(),
            format!("{:.1}", median(all)),
            format!("{most:.1}"),
        ]);
    }
    fs::remove_dir_all(unpacked()?).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    Ok(Section {
        title: "Start to the first answer, without the network",
        head: &[
            "function",
            "binary",
            "read from the disk, ms",
            "starts from memory",
            "median, ms",
            "slowest, ms",
        ],
        rows,
        goals: vec![Goal::of(
            "start to the first answer under 60 ms",
            Some((format!("{slowest:.1} ms at the most"), slowest < GOAL)),
        )],
    })
}

/// What is started: the binary of the package where there is one for this machine, else the one that `make bench` builds.
fn binary(function: Function) -> anyhow::Result<(&'static str, PathBuf)> {
    let Some(package) = of_this_machine(function)? else {
        return Ok(("of `cargo build`", built(function)?));
    };
    let folder = unpacked()?;
    fs::create_dir_all(&folder)?;
    let program = folder.join(function.name());
    // Left by a run that was ended.
    let _ = fs::remove_file(&program);
    unpack(&package, &program)?;
    Ok(("of the package", program))
}

fn unpacked() -> anyhow::Result<PathBuf> {
    Ok(beside_this_program()?.join("unpacked"))
}

/// One process, in milliseconds.
async fn start(program: &Path, function: Function) -> anyhow::Result<f64> {
    let mut environment = environment_without_neighbours();
    environment.push(("LOG_LEVEL", "error".to_owned()));
    let lambda = Lambda::of(program, function, environment).await?;
    let answer = lambda.call(&event(function)).await?;
    ensure!(
        answer["statusCode"] == 200 || answer == json!({"batchItemFailures": []}),
        "{} answered {answer}",
        function.name()
    );
    Ok(lambda.first_answer().as_secs_f64() * 1e3)
}

fn event(function: Function) -> Value {
    match function {
        Function::Intake => http("GET", "/healthz", None, "bench"),
        Function::Consumer => json!({"Records": []}),
    }
}

/// Lets the system forget what it holds of a file in memory, so that the next start reads it from the disk.
fn forget(file: &Path) -> anyhow::Result<()> {
    let mut of = std::ffi::OsString::from("of=");
    of.push(file);
    let done = Command::new("dd")
        .arg(of)
        .args(["oflag=nocache", "conv=notrunc,fdatasync", "count=0"])
        .stderr(Stdio::null())
        .status()
        .context("dd could not be started")?;
    ensure!(done.success(), "dd failed");
    Ok(())
}
