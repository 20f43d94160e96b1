//! A new migration must rebuild the program that embeds it: the macro watches files, not the directory.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
