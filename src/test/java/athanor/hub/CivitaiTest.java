package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.FakeCivitai.File;
import athanor.testkit.web.FakeCivitai.Rule;
import athanor.testkit.web.FakeCivitai.Version;
import athanor.testkit.web.Faults;
import java.util.List;
import org.junit.jupiter.api.Test;

class CivitaiTest extends HubFixture {
  private final Blob blob = model(3);

  private File file(long id, String name, String format, boolean primary, Blob content) {
    return new File(id, name, "Model", format, "fp16", primary, content);
  }

  private Version one(Rule rule) {
    return civitai.version(12, 34, rule, file(5, "pixel.safetensors", "SafeTensor", true, blob));
  }

  private String page() {
    return civitai.address() + "/models/12/pixel-style";
  }

  @Test
  void resolvesAModelPageInOneRequest() {
    one(Rule.ANYONE);

    RemoteFile file = resolve(hub(), page());

    assertThat(file.localName()).isEqualTo("pixel.safetensors");
    assertThat(file.displayName()).isEqualTo("Pixel Style (pixel.safetensors)");
    assertThat(file.sha256()).contains(blob.sha256());
    assertThat(file.size()).hasValue(blob.size());
    assertThat(file.revision()).contains("34");
    assertThat(file.declared().baseModel()).contains("SDXL 1.0");
    assertThat(file.declared().type()).contains("LORA");
    assertThat(file.declared().version()).contains("v2");
    assertThat(file.declared().triggerWords()).containsExactly("pixel art");
    assertThat(civitai.log()).hasSize(1);
  }

  @Test
  void takesTheNewestVersionOrTheOneAskedFor() {
    one(Rule.ANYONE);
    civitai.version(12, 56, Rule.ANYONE, file(6, "new.safetensors", "SafeTensor", true, model(4)));

    assertThat(resolve(hub(), page()).localName()).isEqualTo("new.safetensors");
    assertThat(resolve(hub(), page() + "?modelVersionId=34").localName())
        .isEqualTo("pixel.safetensors");
    assertThat(resolve(hub(), "urn:air:sdxl:lora:civitai:12@34").localName())
        .isEqualTo("pixel.safetensors");
    assertThat(resolve(hub(), "civitai:12@34").localName()).isEqualTo("pixel.safetensors");
  }

  @Test
  void fetchesFromStorageWithoutTheKey() {
    one(Rule.KEY);

    Fetched fetched = fetch(loggedIn(), page());

    assertThat(fetched.sha256()).isEqualTo(blob.sha256());
    assertThat(civitai.log()).anyMatch(seen -> seen.head().contains("Bearer " + FakeCivitai.TOKEN));
  }

  @Test
  void usesAKeyThatWasPartOfTheLink() {
    one(Rule.KEY);

    RemoteFile file =
        resolve(hub(), civitai.address() + "/api/download/models/34?token=" + FakeCivitai.TOKEN);

    assertThat(file.toString()).doesNotContain(FakeCivitai.TOKEN);
    assertThat(hub().fetch(file, athanor.progress.Progress.NONE, cancellation).sha256())
        .isEqualTo(blob.sha256());
  }

  @Test
  void saysWhereToGetAKey() {
    one(Rule.KEY);
    Hub hub = hub();

    Problem problem = failure(() -> fetch(hub, page()));

    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.what()).isEqualTo("this file needs a Civitai API key");
    assertThat(problem.help().orElseThrow())
        .contains("https://civitai.com/user/account")
        .contains("athanor auth login civitai");
    assertThat(hub.preview(resolve(hub, page()), cancellation))
        .isInstanceOfSatisfying(
            Preview.DeclaredOnly.class,
            only -> {
              assertThat(only.file().access()).isEqualTo(Access.NEEDS_TOKEN);
              assertThat(only.file().declared().baseModel()).contains("SDXL 1.0");
            });
  }

  @Test
  void saysThatAWrongKeyCountsAsNone() {
    one(Rule.KEY);

    Problem problem = failure(() -> fetch(hub("CIVITAI_API_KEY", "wrong"), page()));

    assertThat(problem.what()).contains("CIVITAI_API_KEY").contains("counts as none");
  }

  @Test
  void recognisesALoginPageWithStatus200() {
    one(Rule.LOGIN_PAGE);

    assertThat(failure(() -> fetch(hub(), page())).what()).contains("needs a Civitai API key");
    assertThat(files(home.resolve("cache"))).noneMatch(name -> name.endsWith(".safetensors"));
  }

  @Test
  void explainsWhatCannotBeDownloaded() {
    one(Rule.DISABLED);
    assertThat(failure(() -> fetch(loggedIn(), page())).what()).contains("only on the site itself");
    one(Rule.EARLY_ACCESS);
    assertThat(failure(() -> fetch(loggedIn(), page())).what()).contains("early access until 2027");
    one(Rule.GONE);
    assertThat(failure(() -> fetch(loggedIn(), page())).what()).contains("archived or taken down");
    Version base = one(Rule.ANYONE);
    civitai.add(new Version(12, 34, Rule.ANYONE, "Generation", base.files(), true));
    assertThat(failure(() -> resolve(hub(), page())).what()).contains("only on the site itself");
    assertThat(failure(() -> resolve(hub(), "civitai:99")).line()).contains("not published");
  }

  @Test
  void asksOnceMoreWhenAFileSeemsMissing() {
    one(Rule.ANYONE);
    civitai.missing(1);

    assertThat(fetch(hub(), page()).sha256()).isEqualTo(blob.sha256());
  }

  @Test
  void takesThePrimarySafetensorsAndSaysWhatElseThereIs() {
    civitai.version(
        12,
        34,
        Rule.ANYONE,
        file(5, "pixel.ckpt", "PickleTensor", true, model(5)),
        file(6, "pixel.safetensors", "SafeTensor", false, blob),
        new File(7, "vae.pt", "VAE", "PickleTensor", "fp32", false, model(6)));

    assertThat(resolve(hub(), page()).localName()).isEqualTo("pixel.safetensors");
    assertThat(notices).anyMatch(notice -> notice.contains("fileId=5"));
    assertThat(resolve(hub(), page() + "?type=VAE").localName()).isEqualTo("vae.pt");
    assertThat(resolve(hub(), page() + "?fileId=5").localName()).isEqualTo("pixel.ckpt");
    assertThat(failure(() -> resolve(hub(), page() + "?fp=bf16")).help().orElseThrow())
        .contains("fileId=6 (pixel.safetensors)");
  }

  @Test
  void tellsFilesOfTheSameNameApart() {
    civitai.version(
        12,
        34,
        Rule.ANYONE,
        file(5, "pixel.safetensors", "SafeTensor", true, blob),
        new File(6, "pixel.safetensors", "Model", "SafeTensor", "fp32", false, model(8)));
    Hub hub = hub();

    Fetched half = download(hub, page());
    Fetched full = download(hub, page() + "?fp=fp32");

    assertThat(files(out())).containsExactly("pixel-5.safetensors", "pixel-6.safetensors");
    assertThat(List.of(half.sha256(), full.sha256()))
        .containsExactly(blob.sha256(), model(8).sha256());
  }

  @Test
  void fetchesAFileThatHasNoHashesYet() {
    Version hashed = one(Rule.ANYONE);
    civitai.add(new Version(12, 34, Rule.ANYONE, "Download", hashed.files(), false));
    Hub hub = hub();

    assertThat(resolve(hub, page()).sha256()).isEmpty();
    assertThat(fetch(hub, page()).how()).isEqualTo(Fetched.How.DOWNLOADED);
    assertThat(fetch(hub, page()).how()).isEqualTo(Fetched.How.FROM_CACHE);
  }

  @Test
  void refusesACutFileThatHasNoHashesYet() {
    byte[] cut = java.util.Arrays.copyOf(((Blob.Bytes) blob).bytes(), 200_000);
    civitai.add(
        new Version(
            12,
            34,
            Rule.ANYONE,
            "Download",
            List.of(file(5, "pixel.safetensors", "SafeTensor", true, Blob.of(cut))),
            false));

    Problem problem = failure(() -> download(hub(), page()));

    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.line()).contains("cut short").contains("200000 bytes");
    assertThat(files(out())).isEmpty();
  }

  @Test
  void renewsAnExpiredAddressWithTheBytesKept() {
    one(Rule.ANYONE);
    web.storage()
        .fail(
            1,
            (exchange, content, from, to, ranged) -> {
              web.storage().expireAll();
              return Faults.cutAfter(250_000).fail(exchange, content, from, to, ranged);
            });

    Fetched fetched = fetch(hub(), page());

    assertThat(fetched.sha256()).isEqualTo(blob.sha256());
    assertThat(fetched.transferred()).isEqualTo(blob.size());
    assertThat(civitai.log()).hasSize(3);
  }

  @Test
  void takesTheNameOfTheListingNotOfTheStorage() {
    one(Rule.ANYONE);
    web.storage().disposition("attachment; filename=\"../../.bashrc\"");

    assertThat(download(hub(), page()).path()).isEqualTo(out().resolve("pixel.safetensors"));
    assertThat(files(home.resolve("out"))).containsExactly("pixel.safetensors");
  }

  @Test
  void tellsWhomAKeyBelongsTo() {
    assertThat(loggedIn().whoami(Service.CIVITAI, cancellation).orElseThrow().name())
        .isEqualTo("bob");
    assertThat(
            failure(() -> hub("CIVITAI_TOKEN", "bad").whoami(Service.CIVITAI, cancellation)).what())
        .contains("does not accept this key");
  }
}
