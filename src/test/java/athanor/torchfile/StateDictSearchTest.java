package athanor.torchfile;

import static athanor.torchfile.PickleProgram.EMPTY_DICT;
import static athanor.torchfile.PickleProgram.EMPTY_LIST;
import static athanor.torchfile.PickleProgram.MARK;
import static athanor.torchfile.PickleProgram.NONE;
import static athanor.torchfile.PickleProgram.SETITEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import athanor.error.AthanorException;
import athanor.error.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("hostile")
@Timeout(10)
class StateDictSearchTest extends TorchFileTestCase {

  @Test
  void takesABareDict() {
    assertThat(openProgram(dict(PickleProgram::weights)).notes().stateDictPath()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "state_dict",
        "model_state_dict",
        "model",
        "module",
        "params_ema",
        "params",
        "net",
        "generator",
        "weights",
        "sd",
        "ema"
      })
  void looksUnderTheUsualKeys(String key) {
    TorchFile file =
        openProgram(dict(p -> p.text("epoch").number(1).text(key).dict(PickleProgram::weights)));
    assertUsualWeights(file);
    assertThat(file.notes().stateDictPath()).containsExactly(key);
  }

  @Test
  void looksIntoASoleDictOfAnyName() {
    TorchFile file = openProgram(dict(p -> p.text("whatever").dict(PickleProgram::weights)));
    assertUsualWeights(file);
    assertThat(file.notes().stateDictPath()).containsExactly("whatever");
  }

  @Test
  void prefersStateDictToOtherDicts() {
    TorchFile file =
        openProgram(
            dict(p ->
                p.text("params_ema")
                    .dict(q -> q.text("c").floats("0", 2).text("d").floats("1", 2))
                    .text("state_dict")
                    .dict(PickleProgram::weights)));
    assertUsualWeights(file);
    assertThat(file.notes().stateDictPath()).containsExactly("state_dict");
    assertThat(file.notes().ignoredEntries()).containsExactly("params_ema");
  }

  @Test
  void prefersStateDictToTensorsBesideIt() {
    TorchFile file =
        openProgram(
            dict(p ->
                p.text("c")
                    .floats("0", 2)
                    .text("d")
                    .floats("1", 2)
                    .text("state_dict")
                    .dict(PickleProgram::weights)));
    assertUsualWeights(file);
  }

  @Test
  void p37IgnoresKeysThatAreNotTexts() {
    TorchFile file =
        openProgram(
            dict(p ->
                p.number(1)
                    .floats("0", 2)
                    .weights()
                    .numbers(1, 2)
                    .floats("0", 2)
                    .op(NONE)
                    .number(2)));
    assertUsualWeights(file);
    assertThat(file.notes().warnings()).singleElement().asString().startsWith("3 entries");
  }

  @Test
  void p37WarnsOfAKeyThatOccursTwice() {
    TorchFile file = openProgram(dict(p -> p.text("a").floats("1", 2).weights()));
    assertUsualWeights(file);
    assertThat(file.notes().warnings()).singleElement().asString().contains("a occurs twice");
    assertThat(openProgram(dict(p -> p.text("a").number(1).weights())).notes().warnings())
        .isEmpty();
  }

  @Test
  void p37OrdersTensorsByTheirPlaceInTheFile() {
    TorchFile file = openProgram(dict(p -> p.text("b").floats("1", 2).text("a").floats("0", 2)));
    assertUsualWeights(file);
  }

  @Test
  void p38FindsDictsWithinDicts() {
    TorchFile twice =
        openProgram(
            dict(p ->
                p.text("state_dict").dict(q -> q.text("state_dict").dict(PickleProgram::weights))));
    assertThat(twice.notes().stateDictPath()).containsExactly("state_dict", "state_dict");
    TorchFile chain =
        openProgram(
            dict(p ->
                p.text("model")
                    .dict(q ->
                        q.text("module")
                            .dict(r -> r.text("params").dict(PickleProgram::weights)))));
    assertUsualWeights(chain);
    assertThat(chain.notes().stateDictPath()).containsExactly("model", "module", "params");
  }

  @Test
  void p38FindsTensorsUnderOneHundredLevelsButNotUnderMore() {
    assertUsualWeights(openProgram(levels(100)));
    assertRefused(levels(101), "no weights found");
    assertRefused(levels(10_000), "no weights found");
  }

  private static byte[] levels(int count) {
    return PickleProgram.begin()
        .repeat(count, p -> p.op(EMPTY_DICT).text("model"))
        .dict(PickleProgram::weights)
        .repeat(count, p -> p.op(SETITEM))
        .stop();
  }

  @Test
  void ignoresAStrayStateDictInsideTheWeights() {
    TorchFile file =
        openProgram(
            dict(p ->
                p.text("state_dict")
                    .dict(q ->
                        q.weights()
                            .text("state_dict")
                            .dict(r -> r.text("c").floats("0", 2).text("d").floats("1", 2)))));
    assertUsualWeights(file);
    assertThat(file.notes().ignoredEntries()).containsExactly("state_dict");
  }

  @Test
  void takesADictWithASingleTensor() {
    TorchFile file = openProgram(dict(p -> p.text("a").floats("0", 2).text("step").number(3)));
    assertThat(read(file, "a")).containsExactly(1, 2);
    assertThat(file.notes().ignoredEntries()).containsExactly("step");
  }

  @Test
  void readsDictsOfEveryConstructor() {
    byte[] pairs =
        PickleProgram.begin()
            .call(
                "collections",
                "OrderedDict",
                a ->
                    a.op(EMPTY_LIST, MARK)
                        .op(EMPTY_LIST, MARK)
                        .text("a")
                        .floats("0", 2)
                        .op('e')
                        .tuple(t -> t.text("b").floats("1", 2))
                        .op('e'))
            .stop();
    assertUsualWeights(openProgram(pairs));
    byte[] withFactory =
        PickleProgram.begin()
            .call("collections", "defaultdict", a -> a.global("builtins", "list"))
            .op(MARK)
            .weights()
            .op('u')
            .stop();
    assertUsualWeights(openProgram(withFactory));
    byte[] copy =
        PickleProgram.begin()
            .call("__builtin__", "dict", a -> a.dict(PickleProgram::weights))
            .stop();
    assertUsualWeights(openProgram(copy));
  }

  @Test
  void p39SaysWhatIsThereInsteadOfWeights() {
    assertRefused(dict(p -> {}), "an empty dict");
    assertRefused(
        dict(p -> p.text("optimizer").op(EMPTY_DICT).text("epoch").number(1)),
        "a dict with optimizer, epoch");
    assertRefused(
        PickleProgram.begin().op(EMPTY_LIST).floats("0", 2).op('a').stop(),
        "found at the top level a list");
    assertRefused(PickleProgram.begin().floats("0", 2).stop(), "a tensor");
    assertRefused(PickleProgram.begin().number(5).stop(), "a number");
    assertRefused(
        PickleProgram.begin().call("my.pkg", "Net", a -> {}).stop(), "an object of my.pkg.Net");
  }

  @Test
  void p39NamesTextualInversions() {
    byte[] pickle =
        dict(p ->
            p.text("string_to_token")
                .dict(q -> q.text("*").number(265))
                .text("string_to_param")
                .dict(q -> q.text("*").floats("0", 2)));
    var file = file(ArchiveBuilder.checkpoint(pickle, A, B).bytes());
    Throwable thrown = catchThrowable(() -> TorchZipFile.open(file));
    assertThat(((AthanorException) thrown).problem().kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(thrown).hasMessageContaining("textual inversion");
  }
}
