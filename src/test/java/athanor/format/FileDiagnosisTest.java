package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileDiagnosisTest {
  private static final String SAFETENSORS_HEADER =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1000],\"data_offsets\":[0,1000]}}";

  @TempDir Path folder;

  static Stream<Arguments> signatures() {
    return Stream.of(
        Arguments.of(FileKind.TORCH_LEGACY, "80028a0a6cfc9c46f9206aa850192e80024de903"),
        Arguments.of(FileKind.GGUF, "47475546030000000000000000000000"),
        Arguments.of(FileKind.GGML, "6c6d67670000000000000000"),
        Arguments.of(FileKind.GGML, "746a67670300000000000000"),
        Arguments.of(FileKind.ONNX, "0807120770796f7263683a2201"),
        Arguments.of(FileKind.HDF5, "894844460d0a1a0a00000000"),
        Arguments.of(FileKind.NUMPY, "934e554d505901007600"),
        Arguments.of(FileKind.PICTURE, "89504e470d0a1a0a0000000d49484452"),
        Arguments.of(FileKind.PICTURE, "ffd8ffe000104a464946000101"),
        Arguments.of(FileKind.PICTURE, "52494646240000005745425056503820"),
        Arguments.of(FileKind.PICTURE, "474946383961010001008000"),
        Arguments.of(FileKind.GZIP, "1f8b0800000000000003"),
        Arguments.of(FileKind.BZIP2, "425a6839314159265359"),
        Arguments.of(FileKind.XZ, "fd377a585a000004e6d6b446"),
        Arguments.of(FileKind.ZSTD, "28b52ffd0458010000"),
        Arguments.of(FileKind.SEVEN_ZIP, "377abcaf271c0004000000"),
        Arguments.of(FileKind.RAR, "526172211a0700cf90730000"),
        Arguments.of(FileKind.RAR, "526172211a070100cf907300"),
        Arguments.of(FileKind.PROGRAM, "4d5a90000300000004000000ffff"),
        Arguments.of(FileKind.PROGRAM, "7f454c4602010100000000"),
        Arguments.of(FileKind.PROGRAM, "cffaedfe07000001030000"),
        Arguments.of(FileKind.PICKLE, "80049500000000000000007d942e"),
        Arguments.of(FileKind.TOO_SHORT, "0102030405"),
        Arguments.of(FileKind.ALL_ZERO, "00".repeat(5000)),
        Arguments.of(FileKind.UNKNOWN, "fe01c3d4e5f60718293a4b5c6d7e8f90"));
  }

  @ParameterizedTest
  @MethodSource("signatures")
  void recognisesBinaryFormats(FileKind kind, String hex) throws IOException {
    assertThat(diagnose(HexFormat.of().parseHex(hex)).kind()).isEqualTo(kind);
  }

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of(FileKind.SCRIPT, "#!/bin/sh\nrm -rf x\n", ""),
        Arguments.of(FileKind.PDF, "%PDF-1.7\n", ""),
        Arguments.of(FileKind.TORRENT, "d8:announce35:udp://tracker", ""),
        Arguments.of(FileKind.MAGNET, "magnet:?xt=urn:btih:0123", ""),
        Arguments.of(
            FileKind.INTERNET_SHORTCUT, "[InternetShortcut]\r\nURL=https://a/b\r\n", "https://a/b"),
        Arguments.of(FileKind.HTML, "\n <!DOCTYPE HTML><html><head></head>", ""),
        Arguments.of(FileKind.HTML, "<html><title>Log &amp; in</title>", "Log & in"),
        Arguments.of(FileKind.HTML, "\ufeff<head><TITLE>a\n b</TITLE>", "a b"),
        Arguments.of(FileKind.HTML, "<?xml version='1.0'?><html xmlns='x'>", ""),
        Arguments.of(
            FileKind.HTML_BLOB,
            "<!doctype html><title>m · a/b</title><link"
                + " href=\"https://huggingface.co/a/b/blob/main/m\">",
            "m · a/b"),
        Arguments.of(
            FileKind.XML_ERROR,
            "<?xml"
                + " version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Expired</Message></Error>",
            "AccessDenied, Expired"),
        Arguments.of(
            FileKind.JSON_ERROR,
            "{\"error\":\"Unauthorized\",\"message\":\"The creator requires you to be logged in\"}",
            "The creator requires you to be logged in"),
        Arguments.of(FileKind.JSON_ERROR, "{\"error\":{\"message\":\"no\"}}", "no"),
        Arguments.of(FileKind.JSON_ERROR, "{\"detail\":\"Not Found\"}", "Not Found"),
        Arguments.of(FileKind.JSON_ERROR, "{\"error\":\"Repository not found\"}", "Repository not"),
        Arguments.of(FileKind.SHARD_INDEX, "{\"metadata\":{},\"weight_map\":{}}", ""),
        Arguments.of(FileKind.MODEL_CONFIG, "{\"_class_name\":\"UNet2DConditionModel\"}", "UNet"),
        Arguments.of(FileKind.JSON, "{\"nodes\":[1,2]}", ""),
        Arguments.of(FileKind.JSON, "[1, 2, 3, 4]", ""),
        Arguments.of(FileKind.TEXT_ERROR, "Invalid username or password.", "Invalid username"),
        Arguments.of(FileKind.TEXT_ERROR, "Entry not found", "Entry not found"),
        Arguments.of(
            FileKind.TEXT_ERROR, "Access to model a/b is restricted.", "Access to model a/b"),
        Arguments.of(
            FileKind.LFS_POINTER,
            "version https://git-lfs.github.com/spec/v1\noid sha256:abc123\nsize 2132625612\n",
            "the model itself has 2132625612 bytes and the SHA-256 abc123"),
        Arguments.of(
            FileKind.LFS_POINTER,
            "version https://hawser.github.com/spec/v1\noid sha256:ff\nsize 7\n",
            "7 bytes"),
        Arguments.of(FileKind.XET_POINTER, "# xet version 0\n", ""),
        Arguments.of(FileKind.PYTHON, "import torch\n", ""),
        Arguments.of(FileKind.YAML, "model:\n  base_learning_rate: 1\n", ""),
        Arguments.of(FileKind.TEXT, "Dear reader,\nhello", "Dear reader,"),
        Arguments.of(FileKind.PICKLE, "(dp0\nS'a'\np1\nI1\ns.", ""));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void recognisesTexts(FileKind kind, String text, String fact) throws IOException {
    FileDiagnosis diagnosis = diagnose(text.getBytes(StandardCharsets.UTF_8));
    assertThat(diagnosis.kind()).isEqualTo(kind);
    assertThat(diagnosis.fact().orElse("")).contains(fact);
    assertThat(diagnosis.line()).contains(kind.what()).doesNotContain("\n");
  }

  @Test
  void recognisesUtf16Text() throws IOException {
    byte[] text = "\ufeffhello there".getBytes(StandardCharsets.UTF_16LE);
    assertThat(diagnose(text).kind()).isEqualTo(FileKind.TEXT);
    assertThat(diagnose(text).fact()).contains("hello there");
  }

  @Test
  void recognisesTar() throws IOException {
    byte[] tar = new byte[1024];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    tar[0] = 's';
    assertThat(diagnose(tar).kind()).isEqualTo(FileKind.TORCH_TAR);
  }

  @Test
  void recognisesAnEmptyFile() throws IOException {
    assertThat(diagnose(new byte[0]).kind()).isEqualTo(FileKind.EMPTY);
  }

  @Test
  void tellsZipFilesApartByTheirEntries() throws IOException {
    assertThat(diagnose(zip("model/data.pkl", "model/data/0", "model/version")).kind())
        .isEqualTo(FileKind.TORCH_ZIP);
    assertThat(diagnose(zip("m/data.pkl", "m/code/a.py", "m/constants.pkl")).kind())
        .isEqualTo(FileKind.TORCHSCRIPT);
    assertThat(diagnose(zip("a.npy", "b.npy")).kind()).isEqualTo(FileKind.NPZ);
    FileDiagnosis model = diagnose(zip("read.me", "style.safetensors"));
    assertThat(model.kind()).isEqualTo(FileKind.ZIP_WITH_MODEL);
    assertThat(model.line()).contains("it holds read.me, style.safetensors");
    assertThat(diagnose(zip("META-INF/MANIFEST.MF")).kind()).isEqualTo(FileKind.ZIP);
    assertThat(diagnose(zip()).kind()).isEqualTo(FileKind.ZIP);
  }

  @Test
  void tellsHowAZipFileWasCutOff() throws IOException {
    byte[] whole = zip("model/data.pkl", "model/data/0");
    byte[] cut = Arrays.copyOf(whole, whole.length - 60);
    assertThat(diagnose(cut).kind()).isEqualTo(FileKind.ZIP_TRUNCATED);
    byte[] reserved = Arrays.copyOf(cut, 100_000);
    assertThat(diagnose(reserved).kind()).isEqualTo(FileKind.ZIP_ZERO_TAIL);
  }

  @Test
  void tellsSoundFromDamagedSafetensors() throws IOException {
    byte[] sound = safetensors(1000);
    assertThat(diagnose(sound).kind()).isEqualTo(FileKind.SAFETENSORS);
    FileDiagnosis cut = diagnose(safetensors(250));
    assertThat(cut.kind()).isEqualTo(FileKind.SAFETENSORS_DAMAGED);
    assertThat(cut.line())
        .contains("the file is incomplete: found " + (sound.length - 750) + " bytes (")
        .contains("expected: " + sound.length + " bytes");
    assertThat(cut.help()).get().asString().contains("download the file again");
    assertThat(diagnose(Arrays.copyOf(sound, 40)).line()).contains("ends inside its header");
    assertThat(diagnose(safetensors(1003)).line()).contains("3 extra bytes");
  }

  @Test
  void namesTheDownloaderThatLeftAPartialFile() throws IOException {
    Path part = folder.resolve("m.safetensors.crdownload");
    Files.write(part, safetensors(10));
    assertThat(FileDiagnosis.of(part).why()).get().asString().contains("Chrome");
    Files.write(part, safetensors(1000));
    assertThat(FileDiagnosis.of(part).kind()).isEqualTo(FileKind.SAFETENSORS);
  }

  @Test
  void distrustsAFileBesideAnAria2ControlFile() throws IOException {
    Path file = Files.write(folder.resolve("m.safetensors"), safetensors(1000));
    Path control = Files.write(folder.resolve("m.safetensors.aria2"), new byte[] {0, 1, 0, 0, 0});
    assertThat(FileDiagnosis.of(file).kind()).isEqualTo(FileKind.UNFINISHED_DOWNLOAD);
    assertThat(FileDiagnosis.of(control).kind()).isEqualTo(FileKind.ARIA2_CONTROL);
  }

  @Test
  void recognisesFolders() throws IOException {
    assertThat(FileDiagnosis.of(folder).kind()).isEqualTo(FileKind.FOLDER);
    Files.writeString(folder.resolve("model_index.json"), "{}");
    assertThat(FileDiagnosis.of(folder).kind()).isEqualTo(FileKind.DIFFUSERS_FOLDER);
    Path safari = Files.createDirectory(folder.resolve("m.safetensors.download"));
    assertThat(FileDiagnosis.of(safari).kind()).isEqualTo(FileKind.SAFARI_DOWNLOAD);
  }

  @Test
  void neverShowsWhatATerminalWouldObey() throws IOException {
    String page = "<html><title>\u001b]0;owned\u0007 \u202egpj</title>";
    FileDiagnosis diagnosis = diagnose(page.getBytes(StandardCharsets.UTF_8));
    assertThat(diagnosis.line())
        .contains("\\u001b]0;owned\\u0007")
        .contains("\\u202egpj")
        .doesNotContain("\u001b", "\u0007", "\u202e");
    byte[] archive = zip("\u001b[2Jx.safetensors");
    assertThat(diagnose(archive).line()).doesNotContain("\u001b");
    String json = "{\"message\":\"a\\u001b[31m\\nb\"}";
    assertThat(diagnose(json.getBytes(StandardCharsets.UTF_8)).line()).contains("a\\u001b[31m\\nb");
  }

  @Test
  void everyKindThatCannotBeReadSaysWhatToDo() {
    assertThat(EnumSet.allOf(FileKind.class))
        .allSatisfy(kind -> {
          assertThat(kind.what()).isNotBlank().doesNotEndWith(".");
          if (kind.group() != FileKind.Group.MODEL) {
            assertThat(kind.help()).as(kind.name()).isNotBlank().doesNotEndWith(".");
          }
        });
  }

  @Test
  void becomesAProblemWithHelp() throws IOException {
    var problem = diagnose("Entry not found".getBytes(StandardCharsets.UTF_8)).problem("m.ckpt");
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.line())
        .startsWith("m.ckpt: this is an error message of a web site: Entry not found");
    assertThat(problem.help()).isPresent();
  }

  @Test
  void saysWhenAFileIsMissing() {
    assertThatThrownBy(() -> FileDiagnosis.of(folder.resolve("nothing")))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void answersForAnyBytesWithoutFailing() throws IOException {
    var gen = athanor.testkit.Gen.seeded("answersForAnyBytesWithoutFailing");
    List<byte[]> seeds =
        List.of(
            zip("m/data.pkl"),
            safetensors(1000),
            "{\"error\":\"x\"}".getBytes(StandardCharsets.UTF_8));
    for (int round = 0; round < 500; round++) {
      byte[] bytes = gen.coin() ? gen.bytes(gen.between(0, 300)) : mutate(gen, seeds);
      assertThat(diagnose(bytes).line()).isNotBlank();
    }
  }

  private static byte[] mutate(athanor.testkit.Gen gen, List<byte[]> seeds) {
    byte[] seed = seeds.get(gen.between(0, seeds.size() - 1));
    byte[] bytes = Arrays.copyOf(seed, gen.between(1, seed.length + 20));
    for (int i = gen.between(1, 4); i > 0; i--) {
      bytes[gen.between(0, bytes.length - 1)] = gen.bytes(1)[0];
    }
    return bytes;
  }

  private FileDiagnosis diagnose(byte[] bytes) throws IOException {
    return FileDiagnosis.of(Files.write(folder.resolve("file.safetensors"), bytes));
  }

  static byte[] safetensors(int dataBytes) {
    byte[] header = SAFETENSORS_HEADER.getBytes(StandardCharsets.UTF_8);
    byte[] data = new byte[dataBytes];
    Arrays.fill(data, (byte) 1);
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  static byte[] zip(String... names) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toByteArray();
  }

  /** Kinds that a test above produces, so that the table has no dead rows. */
  @Test
  void everyRowOfTheTableIsReachable() {
    Set<FileKind> seen =
        EnumSet.of(
            FileKind.EMPTY,
            FileKind.TORCH_TAR,
            FileKind.TORCH_ZIP,
            FileKind.TORCHSCRIPT,
            FileKind.NPZ,
            FileKind.ZIP_WITH_MODEL,
            FileKind.ZIP,
            FileKind.ZIP_TRUNCATED,
            FileKind.ZIP_ZERO_TAIL,
            FileKind.SAFETENSORS,
            FileKind.SAFETENSORS_DAMAGED,
            FileKind.UNFINISHED_DOWNLOAD,
            FileKind.ARIA2_CONTROL,
            FileKind.FOLDER,
            FileKind.DIFFUSERS_FOLDER,
            FileKind.SAFARI_DOWNLOAD);
    Stream.concat(signatures(), texts()).forEach(row -> seen.add((FileKind) row.get()[0]));
    assertThat(seen).containsExactlyInAnyOrder(FileKind.values());
  }
}
