package athanor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Architecture;
import athanor.model.Architectures;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.StringEntry;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * What is known of an architecture stands in its room, a sub-package of {@code athanor.model} and
 * its tables, and nowhere else: no other class has a string with its label or one of its keys.
 */
class ModelRoomsTest {
  /** Parts of keys and module names that belong to one family. */
  private static final Map<String, List<String>> KEYS_BY_ROOM =
      Map.of(
          "athanor.model.sd",
          List.of(
              "input_blocks",
              "output_blocks",
              "middle_block",
              "down_blocks",
              "up_blocks",
              "mid_block",
              "resblocks",
              "time_embed"),
          "athanor.model.vae",
          List.of("mid.attn_1", "down_blocks", "up_blocks", "mid_block"),
          "athanor.model.transformer",
          List.of("double_blocks", "single_blocks", "single_transformer_blocks"),
          "athanor.model.known",
          List.of("joint_blocks", "double_layers", "cap_embedder"),
          "athanor.model.naming",
          List.of(
              "lora_unet",
              "lora_te",
              "diffusion_model",
              "first_stage_model",
              "cond_stage_model",
              "conditioner.embedders"));

  /** Exceptions: the class, and why it may. */
  private static final Map<String, String> ALLOWED =
      Map.of(
          "athanor.job.DemoFiles",
          "the demo is a part of an SD 1.5 checkpoint, and names the parts",
          "athanor.model.LoraArchitectures",
          "which text encoder a LoRA means is told by kohya's number",
          "athanor.model.sd.UnetLoraEvidence",
          "tells by the prefix that a LoRA is for another kind of model",
          "athanor.model.vae.Autoencoder",
          "says whose VAE it takes and what others are",
          "athanor.model.known.ForeignKind",
          "tells files in other layouts by some of their keys");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("athanor");

  @Test
  void noLabelStandsOutsideTheTables() {
    List<String> labels = Architectures.all().stream().map(Architecture::label).toList();

    assertThat(stringsWith(labels, Set.of())).isEmpty();
  }

  @Test
  void noKeyStandsOutsideItsRoom() {
    Set<String> words = new TreeSet<>();
    KEYS_BY_ROOM.values().forEach(words::addAll);
    for (String word : words) {
      Set<String> rooms = new TreeSet<>();
      KEYS_BY_ROOM.forEach((room, keys) -> {
        if (keys.contains(word)) {
          rooms.add(room);
        }
      });
      assertThat(stringsWith(List.of(word), rooms)).as(word).isEmpty();
    }
  }

  @Test
  void everyExceptionIsStillNeeded() {
    List<String> words = new ArrayList<>();
    KEYS_BY_ROOM.values().forEach(words::addAll);
    Architectures.all().forEach(one -> words.add(one.label()));

    for (String name : ALLOWED.keySet()) {
      assertThat(strings(CLASSES.get(name))).as(name).anyMatch(text -> hasAny(text, words));
    }
  }

  private static List<String> stringsWith(List<String> words, Set<String> rooms) {
    List<String> found = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      if (rooms.contains(type.getPackageName()) || ALLOWED.containsKey(outermost(type))) {
        continue;
      }
      strings(type).stream()
          .filter(text -> hasAny(text, words))
          .forEach(text -> found.add(type.getName() + ": \"" + text + "\""));
    }
    return found;
  }

  private static String outermost(JavaClass type) {
    int inner = type.getName().indexOf('$');
    return inner < 0 ? type.getName() : type.getName().substring(0, inner);
  }

  private static boolean hasAny(String text, List<String> words) {
    return words.stream().anyMatch(text::contains);
  }

  /** The string constants in a class's code, pieces of concatenations among them. */
  private static List<String> strings(JavaClass type) {
    URI file = type.getSource().orElseThrow().getUri();
    try (InputStream bytes = file.toURL().openStream()) {
      var pool = ClassFile.of().parse(bytes.readAllBytes()).constantPool();
      return StreamSupport.stream(pool.spliterator(), false)
          .flatMap(entry -> entry instanceof StringEntry text ? Stream.of(text) : Stream.empty())
          .map(StringEntry::stringValue)
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void roomsAreEnteredOnlyThroughTheList() {
    noClasses()
        .that()
        .resideOutsideOfPackage("athanor.model.sd..")
        .and()
        .doNotHaveFullyQualifiedName("athanor.model.Architectures")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("athanor.model.sd..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages("athanor.model.known..", "athanor.model.transformer..")
        .and()
        .doNotHaveFullyQualifiedName("athanor.model.Architectures")
        .and()
        .doNotHaveFullyQualifiedName("athanor.model.Recognizer")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("athanor.model.known..", "athanor.model.transformer..")
        .check(CLASSES);
  }

  @Test
  void tablesKnowNothingAboveThem() {
    classes()
        .that()
        .resideInAnyPackage("athanor.model.table..", "athanor.model.block..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "athanor.model.table..",
            "athanor.model.block..",
            "athanor.tensor..",
            "athanor.error..",
            "java..",
            "org.jspecify..")
        .check(CLASSES);
  }
}
