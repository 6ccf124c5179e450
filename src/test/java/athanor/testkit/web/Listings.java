package athanor.testkit.web;

import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.Repo.Stored;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** What a fake hub tells of repositories and their files. */
public final class Listings {
  private Listings() {}

  /** What the hub tells of a repository as of a commit: JSON. */
  public static String info(Repo repo, Repo.Commit commit) {
    String siblings =
        commit.files().entrySet().stream()
            .map(file ->
                "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\"%s}"
                    .formatted(
                        file.getKey(),
                        file.getValue().blob().size(),
                        file.getValue().blob().sha256().substring(0, 40),
                        lfs(file.getValue(), "sha256")))
            .collect(Collectors.joining(","));
    return """
    {"id":"%s","modelId":"%s","sha":"%s","private":%s,"gated":%s,"disabled":false,
     "tags":["diffusers","lora","base_model:adapter:stabilityai/stable-diffusion-xl-base-1.0",
     "license:openrail++"],"downloads":1,"likes":0,
     "cardData":{"instance_prompt":"pixel art"},"siblings":[%s]}
    """
        .formatted(
            repo.id(),
            repo.id(),
            commit.id(),
            repo.visibility() == Visibility.PRIVATE,
            repo.visibility() == Visibility.GATED ? "\"auto\"" : "false",
            siblings);
  }

  private static String lfs(Stored file, String hash) {
    return file.lfs()
        ? ",\"lfs\":{\"%s\":\"%s\",\"size\":%d,\"pointerSize\":134}"
            .formatted(hash, file.blob().sha256(), file.blob().size())
        : "";
  }

  static String tree(Repo.Commit commit, String kind, String asked) {
    return commit.files().entrySet().stream()
        .filter(file -> kind.equals("tree") || Ask.decode(asked).contains(file.getKey()))
        .map(file ->
            "{\"type\":\"file\",\"path\":\"%s\",\"size\":%d,\"oid\":\"%s\"%s}"
                .formatted(
                    file.getKey(),
                    file.getValue().blob().size(),
                    file.getValue().blob().sha256().substring(0, 40),
                    lfs(file.getValue(), "oid")))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** The name that git gives a file. */
  public static String gitSha1(Blob blob) {
    var bytes = new ByteArrayOutputStream();
    try {
      blob.write(bytes, 0, blob.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return gitSha1(bytes.toByteArray());
  }

  static String gitSha1(byte[] bytes) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
    all.writeBytes(bytes);
    return Blob.digest("SHA-1", all.toByteArray());
  }
}
