package athanor.torchfile;

import static athanor.torchfile.PickleProgram.BUILD;
import static athanor.torchfile.PickleProgram.EMPTY_DICT;
import static athanor.torchfile.PickleProgram.FALSE;
import static athanor.torchfile.PickleProgram.MARK;
import static athanor.torchfile.PickleProgram.NONE;
import static athanor.torchfile.PickleProgram.POP;
import static athanor.torchfile.PickleProgram.REDUCE;
import static athanor.torchfile.PickleProgram.SETITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Problem;
import athanor.torchfile.pickle.DangerousName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Pickles that want to run code. Nothing can run here; these tests see that such files are called
 * what they are, that they are refused where the weights depend on the code, and read otherwise.
 */
@Tag("hostile")
@Timeout(10)
class DangerousPickleTest extends TorchFileTestCase {

  /** A wrapped state dict, with one more entry beside it. */
  private static byte[] beside(Consumer<PickleProgram> value) {
    return dict(p -> p.text("state_dict").dict(PickleProgram::weights).text("x").also(value));
  }

  /** A state dict, with one more entry in it. */
  private static byte[] among(Consumer<PickleProgram> value) {
    return dict(p -> p.weights().text("x").also(value));
  }

  private static List<String> names(TorchFile file) {
    return file.notes().dangerousNames().stream().map(DangerousName::name).toList();
  }

  /** Beside the weights the name is listed; among them it is refused. */
  private void assertListedOrRefused(String name, Consumer<PickleProgram> value) {
    TorchFile file = openProgram(beside(value));
    assertUsualWeights(file);
    assertThat(names(file)).contains(name);
    Problem problem = refusedProgram(among(value));
    assertThat(problem.line()).contains("depend on code", name, "byte ");
  }

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "posix, system",
    "nt, system",
    "subprocess, Popen",
    "builtins, eval",
    "builtins, exec",
    "builtins, compile",
    "builtins, open",
    "builtins, __import__",
    "builtins, getattr",
    "__builtin__, eval",
    "__builtin__, getattr",
    "__builtin__, execfile",
    "operator, attrgetter",
    "_operator, methodcaller",
    "operator, itemgetter",
    "functools, partial",
    "pkgutil, resolve_name",
    "runpy, _run_code",
    "pydoc, locate",
    "ctypes, CDLL",
    "importlib, import_module",
    "importlib.util, find_spec",
    "marshal, loads",
    "types, FunctionType",
    "uuid, _get_command_stdout",
    "imaplib, IMAP4_stream",
    "torch.hub, load",
    "torch, load",
    "torch.storage, _load_from_bytes",
    "torch._inductor.codecache, compile_file",
    "numpy.f2py.crackfortran, getlincoef",
    "numpy.testing._private.utils, runstring",
    "numpy, load",
    "torch.jit, load",
    "code, interact",
    "multiprocessing.util, spawnv_passfds",
    "cProfile, run",
    "timeit, timeit",
  })
  void p01ToP05ListsOrRefusesNamesThatRunCode(String module, String name) {
    assertListedOrRefused(module + "." + name, p -> p.call(module, name, a -> a.text("id")));
  }

  @Test
  void p01StatesWhereTheNameIs() {
    byte[] pickle = beside(p -> p.call("os", "system", a -> a.text("touch /tmp/x")));
    int position = new String(pickle, StandardCharsets.ISO_8859_1).indexOf("cos");
    assertThat(openProgram(pickle).notes().dangerousNames())
        .containsExactly(new DangerousName("os.system", position));
    assertThat(openProgram(pickle).notes().sentences())
        .anyMatch(s -> s.contains("os.system") && s.contains("nothing was run"));
  }

  @Test
  void p03SeesThroughChainsOfCalls() {
    assertListedOrRefused(
        "builtins.getattr",
        p ->
            p.call(
                    "builtins",
                    "getattr",
                    a -> a.call("builtins", "__import__", b -> b.text("os")).text("system"))
                .tuple(a -> a.text("id"))
                .op(REDUCE));
  }

  @Test
  void p05NeverReadsANestedPickle() {
    byte[] nested = PickleProgram.begin().call("os", "system", a -> a.text("id")).stop();
    Consumer<PickleProgram> bytes = a -> a.op('C', nested.length).raw(nested);
    TorchFile file = openProgram(beside(p -> p.call("torch.storage", "_load_from_bytes", bytes)));
    assertThat(names(file)).containsExactly("torch.storage._load_from_bytes");
  }

  @Test
  void p06RefusesDottedNamesThatReachIntoModules() {
    assertRefused(
        dict(p ->
            p.text("a")
                .floats("0", 2)
                .text("b")
                .call(
                    "torch",
                    "_utils._rebuild_tensor_v2",
                    a ->
                        a.storage("Float", "1", 2)
                            .number(0)
                            .numbers(2)
                            .numbers(1)
                            .op(FALSE)
                            .orderedDict())),
        "torch._utils._rebuild_tensor_v2");
    assertListedOrRefused(
        "torch.serialization.os.system",
        p -> p.call("torch", "serialization.os.system", a -> a.text("id")));
  }

  @Test
  void p06TakesDottedNamesElsewhereForNestedClasses() {
    TorchFile file = openProgram(beside(p -> p.call("my.pkg", "Config.Inner", a -> {})));
    assertThat(names(file)).isEmpty();
    assertThat(file.notes().ignoredObjects()).containsEntry("my.pkg.Config.Inner", 1);
  }

  @Test
  void p07ReadsNamesFromTheMemo() {
    TorchFile file =
        openProgram(
            PickleProgram.empty()
                .op(0x80, 4)
                .dict(p ->
                    p.text("state_dict")
                        .dict(PickleProgram::weights)
                        .text("os")
                        .op('q', 9)
                        .text("system")
                        .op('q', 10, POP, 'h', 9, 'h', 10, 0x93)
                        .tuple(a -> a.text("id"))
                        .op(REDUCE)
                        .op('q', 11, POP)
                        .op(NONE))
                .stop());
    assertThat(names(file)).containsExactly("os.system");
  }

  @Test
  void p07RefusesNamesThatAreComputedOrNoTexts() {
    assertRefused(among(p -> p.number(1).text("x").op(0x93)), "not a text");
    assertRefused(
        among(p -> p.call("builtins", "str", a -> a.text("os")).text("system").op(0x93)),
        "not a text");
    assertRefused(among(p -> p.text("os").op('C', 6).raw("system").op(0x93)), "not a text");
  }

  @Test
  void p08SeesEveryKindOfCall() {
    assertListedOrRefused("os.system", p -> p.op(MARK).text("id").raw("ios\nsystem\n"));
    assertListedOrRefused("os.system", p -> p.op(MARK).global("os", "system").text("id").op('o'));
    assertListedOrRefused(
        "os.system", p -> p.global("os", "system").tuple(a -> a.text("id")).op(0x81));
    assertListedOrRefused(
        "os.system",
        p -> p.global("os", "system").tuple(a -> a.text("id")).op(EMPTY_DICT).op(0x92));
  }

  @Test
  void p08ListsCallsWhoseResultIsThrownAway() {
    byte[] pickle =
        PickleProgram.begin()
            .call("os", "system", a -> a.text("id"))
            .op(POP)
            .dict(PickleProgram::weights)
            .stop();
    TorchFile file = openProgram(pickle);
    assertUsualWeights(file);
    assertThat(names(file)).containsExactly("os.system");
  }

  @Test
  void p09IgnoresStatesOfDictsAndTensors() {
    byte[] pickle =
        PickleProgram.begin()
            .orderedDict()
            .op(MARK)
            .text("a")
            .floats("0", 2)
            .dict(p -> p.text("__setstate__").global("os", "system"))
            .op(BUILD)
            .text("b")
            .floats("1", 2)
            .op(SETITEMS)
            .dict(p -> p.text("_metadata").orderedDict())
            .op(BUILD)
            .op(NONE)
            .dict(p -> p.text("__class__").global("os", "system"))
            .op(0x86, BUILD)
            .stop();
    TorchFile file = openProgram(pickle);
    assertUsualWeights(file);
    assertThat(names(file)).containsExactly("os.system");
  }

  @Test
  void p10IgnoresHooksAndGradientFlags() {
    byte[] pickle =
        dict(p ->
            p.text("b")
                .floats("1", 2)
                .text("a")
                .call(
                    "torch._utils",
                    "_rebuild_tensor_v2",
                    a ->
                        a.storage("Float", "0", 2)
                            .number(0)
                            .numbers(2)
                            .numbers(1)
                            .call("my.pkg", "Flag", b -> {})
                            .global("os", "system")));
    TorchFile file = openProgram(pickle);
    assertUsualWeights(file);
    assertThat(names(file)).containsExactly("os.system");
  }

  @Test
  void p11RefusesWeightsInADictMadeByCode() {
    byte[] top =
        PickleProgram.begin()
            .call("builtins", "eval", a -> a.text("exec('...') or dict()"))
            .op(MARK)
            .weights()
            .op(SETITEMS)
            .stop();
    assertRefused(top, "builtins.eval");
    byte[] nested =
        dict(p ->
            p.text("state_dict")
                .call("builtins", "eval", a -> a.text("dict()"))
                .op(MARK)
                .weights()
                .op(SETITEMS));
    assertRefused(nested, "builtins.eval");
    byte[] passedOn =
        PickleProgram.begin()
            .call("my.pkg", "Wrapped", a -> a.call("os", "system", b -> b.text("id")))
            .op(MARK)
            .weights()
            .op(SETITEMS)
            .stop();
    assertRefused(passedOn, "os.system");
  }

  @Test
  void p12ReadsWeightsBesideUnknownObjects() {
    TorchFile file =
        openProgram(
            beside(p ->
                p.call("my.pkg", "Config", a -> a.text("x"))
                    .dict(q -> q.text("depth").number(3))
                    .op(BUILD)));
    assertUsualWeights(file);
    assertThat(file.notes().dangerousNames()).isEmpty();
    assertThat(file.notes().ignoredObjects()).containsEntry("my.pkg.Config", 1);
    assertThat(file.notes().stateDictPath()).containsExactly("state_dict");
    assertThat(file.notes().ignoredEntries()).containsExactly("x");
  }

  @Test
  void p12ReadsWeightsInAnUnknownSubclassOfDict() {
    byte[] pickle =
        PickleProgram.begin()
            .call("my.pkg", "FancyDict", a -> {})
            .op(MARK)
            .weights()
            .op(SETITEMS)
            .stop();
    TorchFile file = openProgram(pickle);
    assertUsualWeights(file);
    assertThat(file.notes().warnings()).singleElement().asString().contains("my.pkg.FancyDict");
  }

  @Test
  void p13ReadsAStableDiffusionCheckpointOfLightning() {
    byte[] pickle =
        dict(p ->
            p.text("epoch")
                .number(0)
                .text("global_step")
                .number(470_000)
                .text("pytorch-lightning_version")
                .text("1.4.2")
                .text("state_dict")
                .dict(PickleProgram::weights)
                .text("callbacks")
                .dict(q ->
                    q.global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
                        .dict(r -> r.text("best").also(DangerousPickleTest::numpyScalar)))
                .text("hyper_parameters")
                .call("argparse", "Namespace", a -> {})
                .dict(q -> q.text("lr").op('G').raw(new byte[8]))
                .op(BUILD)
                .text("config")
                .call("omegaconf.dictconfig", "DictConfig", a -> {})
                .dict(q -> q.text("_content").op(EMPTY_DICT))
                .op(BUILD));
    TorchFile file = openProgram(pickle);
    assertUsualWeights(file);
    OtherContents notes = file.notes();
    assertThat(notes.dangerousNames()).isEmpty();
    assertThat(notes.ignoredEntries())
        .containsExactly(
            "epoch",
            "global_step",
            "pytorch-lightning_version",
            "callbacks",
            "hyper_parameters",
            "config");
    assertThat(notes.ignoredObjects())
        .containsEntry("pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint", 0)
        .containsEntry("numpy.core.multiarray.scalar", 1)
        .containsEntry("argparse.Namespace", 1)
        .containsEntry("omegaconf.dictconfig.DictConfig", 1);
    assertThat(notes.sentences()).contains("the weights are under state_dict");
  }

  private static void numpyScalar(PickleProgram program) {
    program.call(
        "numpy.core.multiarray",
        "scalar",
        a ->
            a.call("numpy", "dtype", b -> b.text("f8").op(FALSE, 0x88))
                .tuple(
                    b -> b.number(3).text("<").op(NONE, NONE, NONE).number(-1).number(-1).number(0))
                .op(BUILD)
                .call("_codecs", "encode", b -> b.text("\u0000\u0000").text("latin1")));
  }

  @Test
  void p15NamesTheCodeOfAPickleThatBreaksAfterIt() {
    byte[] broken = PickleProgram.begin().call("os", "system", a -> a.text("id")).bytes();
    Problem problem = refusedProgram(broken);
    assertThat(problem.line()).contains("cut off");
    assertThat(problem.help().orElseThrow()).contains("os.system", "nothing of it was run");
    byte[] garbage = PickleProgram.begin().call("os", "system", a -> a.text("id")).op(0xFF).bytes();
    assertThat(refusedProgram(garbage).help().orElseThrow()).contains("os.system");
  }

  @Test
  void p16WarnsOfBytesAfterTheEnd() {
    byte[] second = PickleProgram.begin().call("os", "system", a -> a.text("id")).stop();
    byte[] both = PickleProgram.empty().raw(dict(PickleProgram::weights)).raw(second).bytes();
    TorchFile file = openProgram(both);
    assertUsualWeights(file);
    assertThat(file.notes().bytesAfterPickle()).isEqualTo(second.length);
    assertThat(names(file)).containsExactly("os.system");
    assertThat(file.notes().sentences()).hasSize(2).last().asString().contains("after the end");
  }

  @Test
  void p16TellsWhatEveryHiddenPickleNamesUpToTheFirstDamage() {
    byte[] harmless = PickleProgram.begin().text("x").stop();
    byte[] second = PickleProgram.begin().call("os", "system", a -> a.text("id")).stop();
    byte[] third =
        PickleProgram.begin().call("subprocess", "Popen", a -> a.text("id")).op(0xFF).bytes();
    byte[] all =
        PickleProgram.empty()
            .raw(dict(PickleProgram::weights))
            .raw(harmless)
            .raw(second)
            .raw(third)
            .raw(second)
            .bytes();
    TorchFile file = openProgram(all);
    assertUsualWeights(file);
    assertThat(names(file)).containsExactly("os.system", "subprocess.Popen");
  }

  @Test
  void p16IgnoresBytesAfterTheEndThatAreNoPickle() {
    byte[] noise =
        PickleProgram.empty().raw(dict(PickleProgram::weights)).raw(new byte[99]).bytes();
    TorchFile file = openProgram(noise);
    assertUsualWeights(file);
    assertThat(file.notes().bytesAfterPickle()).isEqualTo(99);
    assertThat(names(file)).isEmpty();
  }

  @Test
  void neverPrintsWhatSteersATerminal() {
    TorchFile file = openProgram(beside(p -> p.call("os", "sys\u001b[31mtem\u202e", a -> {})));
    assertThat(names(file)).containsExactly("os.sys\\u001b[31mtem\\u202e");
    TorchFile hidden = openProgram(beside(p -> p.global("my.pkg", "a\u202eb")));
    assertThat(names(hidden)).containsExactly("my.pkg.a\\u202eb");
  }

  @Test
  void takesNamesWithSpacesOrWithoutLettersForDangerous() {
    assertListedOrRefused("my.pkg.a b", p -> p.call("my.pkg", "a b", a -> {}));
    assertListedOrRefused("my.pkg.", p -> p.call("my.pkg", "", a -> {}));
    assertListedOrRefused(".x", p -> p.op(MARK).raw("i\nx\n"));
  }

  @Test
  void refusesADangerousNameWhereATensorShouldBe() {
    assertRefused(among(p -> p.global("os", "system")), "os.system");
  }
}
