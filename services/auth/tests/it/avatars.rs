//! Pictures of people.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use witan_testkit::{Answer, Client};

use crate::world::World;

const AVATAR: &str = "/api/v1/users/me/avatar";
const ADA: &str = "ada@example.org";

fn picture(format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(600, 400, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn ada(world: &World) -> Client {
    let session = world.session(ADA).await;
    world.with_token(&session.text_at("/accessToken"))
}

async fn upload(client: &Client, kind: &str, bytes: Vec<u8>) -> Answer {
    client.send(client.request(Method::POST, AVATAR).header("Content-Type", kind).body(bytes)).await
}

async fn upload_form(client: &Client, form: Form) -> Answer {
    client.send(client.request(Method::POST, AVATAR).multipart(form)).await
}

async fn urls(client: &Client) -> Value {
    client.get("/api/v1/users/me").await.expect(200).json["avatarUrls"].clone()
}

#[tokio::test]
async fn a_picture_is_kept_in_four_sizes_that_anybody_sees_who_was_told_of_it() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let answer = upload(&ada, "image/png", picture(ImageFormat::Png)).await.expect(201);
    assert_eq!(answer.json["avatarUrls"], urls(&ada).await);
    for size in [64, 128, 256, 512] {
        let url = answer.text_at(&format!("/avatarUrls/{size}"));
        let request = world.anon().request(Method::GET, &url).send().await.unwrap();
        assert_eq!(request.status(), 200);
        assert_eq!(request.headers()["content-type"], "image/jpeg");
        assert_eq!(request.headers()["x-content-type-options"], "nosniff");
        assert!(request.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        let tag = request.headers()["etag"].to_str().unwrap().to_owned();
        let decoded = image::load_from_memory(&request.bytes().await.unwrap()).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (size, size));
        let again = world.anon().request(Method::GET, &url).header("If-None-Match", format!("W/{tag}"));
        let again = again.send().await.unwrap();
        assert_eq!(again.status(), 304);
        assert!(again.bytes().await.unwrap().is_empty());
    }
    let url = answer.text_at("/avatarUrls/64");
    let (path, _) = url.split_once("?v=").unwrap();
    world
        .anon()
        .get(&format!("{path}?v=AAAAAAAAAAAAAAAAAAAAAA"))
        .await
        .expect_problem(404, "resource.not_found");
    world.anon().get(path).await.expect_problem(400, "request.query_invalid");
    let _ = world.anon().get(&url.replace("/64?", "/65?")).await.expect(404);
    let _ = world.anon().get(&url.replace("/64?", "/4294967295?")).await.expect(404);
    let _ = world.anon().get(&url.replace("/usr_", "/ses_")).await.expect(404);
}

#[tokio::test]
async fn the_content_says_what_it_is_and_the_headers_do_not() {
    let world = World::start().await;
    let ada = ada(&world).await;
    for kind in ["application/pdf", "image/gif", "text/html", "application/json"] {
        let _ = upload(&ada, kind, picture(ImageFormat::WebP)).await.expect(201);
    }
    let before = urls(&ada).await;
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    for file in [gif, svg, b"%PDF-1.7 ".to_vec(), b"{}".to_vec()] {
        upload(&ada, "image/png", file).await.expect_problem(415, "auth.image_unsupported");
    }
    let compressed = ada.request(Method::POST, AVATAR).header("Content-Encoding", "gzip");
    ada.send(compressed.body(picture(ImageFormat::Png))).await.expect_problem(415, "request.media_type");
    assert_eq!(urls(&ada).await, before);
}

#[tokio::test]
async fn what_is_damaged_too_large_or_two_things_at_once_changes_nothing() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let png = picture(ImageFormat::Png);
    let _ = upload(&ada, "image/png", png.clone()).await.expect(201);
    let before = urls(&ada).await;

    upload(&ada, "image/png", Vec::new()).await.expect_problem(422, "auth.image_broken");
    let half = png[..png.len() / 2].to_vec();
    upload(&ada, "image/png", half).await.expect_problem(422, "auth.image_broken");
    let mut damaged = png.clone();
    damaged[60] ^= 0xff;
    upload(&ada, "image/png", damaged).await.expect_problem(422, "auth.image_broken");
    let page = [png.as_slice(), b"<html><script>alert(1)</script>"].concat();
    upload(&ada, "image/png", page).await.expect_problem(422, "auth.image_polyglot");
    // 70,000 pixels on each side, says the header.
    let mut bomb = png.clone();
    bomb.splice(8..33, *b"\0\0\0\x0dIHDR\0\x01\x11\x70\0\x01\x11\x70\x08\x02\0\0\0\x15\x36\xb4\xda");
    let refused = upload(&ada, "image/png", bomb).await.expect(422);
    assert!(["auth.image_too_large", "auth.image_broken"].contains(&refused.text_at("/code").as_str()));
    let mut huge = png.clone();
    huge.resize(5 * 1024 * 1024 + 1, 0);
    upload(&ada, "image/png", huge).await.expect_problem(413, "request.body_too_large");
    upload(&ada, "image/png", vec![0; 6 * 1024 * 1024]).await.expect_problem(413, "request.body_too_large");
    assert_eq!(urls(&ada).await, before);
}

#[tokio::test]
async fn a_form_brings_one_file_and_nothing_else() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let file = || Part::bytes(picture(ImageFormat::Jpeg)).file_name("../../me.exe");
    let _ = upload_form(&ada, Form::new().part("file", file())).await.expect(201);
    let before = urls(&ada).await;
    let wrong = [
        (Form::new().part("picture", file()), "/picture"),
        (Form::new().text("userId", "usr_01h455vb4pex5vsknk084sn02q").part("file", file()), "/userId"),
        (Form::new().part("file", file()).part("file", file()), "/file"),
    ];
    for (form, pointer) in wrong {
        let answer = upload_form(&ada, form).await.expect_problem(422, "validation.failed");
        assert_eq!(answer.text_at("/errors/0/pointer"), pointer);
    }
    let kind = "multipart/form-data; boundary=x";
    upload(&ada, kind, b"--x--\r\n".to_vec()).await.expect_problem(422, "validation.failed");
    let cut = b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\x89PNG".to_vec();
    upload(&ada, kind, cut).await.expect_problem(400, "request.unparsable");
    upload(&ada, "multipart/form-data", b"--x--\r\n".to_vec())
        .await
        .expect_problem(415, "request.media_type");
    assert_eq!(urls(&ada).await, before);
}

#[tokio::test]
async fn nothing_stays_of_a_picture_that_was_replaced_or_taken_away() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let old =
        upload(&ada, "image/png", picture(ImageFormat::Png)).await.expect(201).text_at("/avatarUrls/64");
    let uploads = (0..4).map(|_| upload(&ada, "image/jpeg", picture(ImageFormat::Jpeg)));
    for answer in futures_util::future::join_all(uploads).await {
        let _ = answer.expect(201);
    }
    let _ = world.anon().get(&old).await.expect(404);
    assert_eq!(world.count("avatars").await, 4, "one picture in four sizes");
    let new = urls(&ada).await["64"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        ada.delete(AVATAR).await.expect(204);
    }
    assert!(urls(&ada).await.is_null());
    let _ = world.anon().get(&new).await.expect(404);
    assert_eq!(world.count("avatars").await, 0);
}

#[tokio::test]
async fn nobody_changes_the_picture_of_another() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let _ = upload(&ada, "image/png", picture(ImageFormat::Png)).await.expect(201);
    let before = urls(&ada).await;
    let _ = upload(&world.anon(), "image/png", picture(ImageFormat::Png)).await.expect(401);
    let _ = world.anon().delete(AVATAR).await.expect(401);
    let eve = world.session("eve@example.org").await;
    world.with_token(&eve.text_at("/accessToken")).delete(AVATAR).await.expect(204);
    let key = ada.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read"]})).await.expect(201);
    let reader = world.anon().with_api_key(key.text_at("/key"));
    let _ = upload(&reader, "image/png", picture(ImageFormat::Png)).await.expect(403);
    let _ = reader.delete(AVATAR).await.expect(403);
    assert_eq!(urls(&ada).await, before);
}
