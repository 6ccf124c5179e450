package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadRequestTest {
  @ParameterizedTest
  @ValueSource(strings = {"alice/mine", "hf:alice/mine", "https://huggingface.co/alice/mine"})
  void takesARepositoryByNameOrAddress(String text) {
    assertThat(RepoId.parse(text)).isEqualTo(new RepoId("alice", "mine"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mine",
        "alice/mine/file",
        "alice/mine@v2",
        "datasets/alice/mine",
        "alice/a--b",
        "alice/mine.git",
        "alice/../x",
        "-a/b",
        "alice/",
        "",
        "https://civitai.com/models/1",
        "https://huggingface.co/alice/mine/tree/v2",
        "file.safetensors"
      })
  void refusesWhatIsNoModelRepository(String text) {
    assertThatThrownBy(() -> RepoId.parse(text)).isInstanceOf(AthanorException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a", "a//b", "../a", "a/./b", ".git/config", "a\\b", ".cache/x"})
  void refusesPathsThatLeaveTheRepository(String path) {
    assertThatThrownBy(() -> new UploadItem.Text(path, "", false))
        .isInstanceOf(AthanorException.class);
  }

  @Test
  void refusesACommitAsABranchAndAnEmptyMessage() {
    RepoId repo = RepoId.parse("alice/mine");
    UploadRequest request = UploadRequest.to(repo, "message");
    for (String revision : new String[] {"", "a b", "0".repeat(40), "../x", "a/"}) {
      assertThatThrownBy(() ->
              new UploadRequest(
                  repo, request.visibility(), false, revision, "message", request.card()))
          .isInstanceOf(AthanorException.class);
    }
    assertThatThrownBy(() -> UploadRequest.to(repo, " ")).isInstanceOf(AthanorException.class);
  }
}
