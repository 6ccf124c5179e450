package athanor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The house has one-way doors: a package uses only those further down in the list below. */
class ArchitectureTest {
  private static final String[] FROM_PEOPLE_TO_BYTES = {
    "cli",
    "web",
    "report",
    "job",
    "card",
    "recipe",
    "hub",
    "net",
    "analysis",
    "merge",
    "adapter",
    "model",
    "delta",
    "format",
    "safetensors",
    "torchfile",
    "kernel",
    "tensor",
    "file",
    "progress",
    "error"
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("athanor");

  @Test
  void packagesDependOnlyOnThoseFurtherDown() {
    LayeredArchitecture layers =
        layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
    for (String name : FROM_PEOPLE_TO_BYTES) {
      layers = layers.layer(name).definedBy("athanor." + name + "..");
    }
    for (int lower = 0; lower < FROM_PEOPLE_TO_BYTES.length; lower++) {
      String[] higher = Arrays.copyOf(FROM_PEOPLE_TO_BYTES, lower);
      layers =
          lower == 0
              ? layers.whereLayer(FROM_PEOPLE_TO_BYTES[0]).mayNotBeAccessedByAnyLayer()
              : layers.whereLayer(FROM_PEOPLE_TO_BYTES[lower]).mayOnlyBeAccessedByLayers(higher);
    }
    layers.check(CLASSES);
  }

  @Test
  void theRoomsOfJobDependOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("publish")
        .definedBy("athanor.job.publish")
        .layer("session")
        .definedBy("athanor.job.session")
        .layer("runs")
        .definedBy("athanor.job")
        .layer("inspect")
        .definedBy("athanor.job.inspect")
        .layer("input")
        .definedBy("athanor.job.input")
        .whereLayer("publish")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("session")
        .mayOnlyBeAccessedByLayers("publish")
        .whereLayer("runs")
        .mayOnlyBeAccessedByLayers("publish", "session")
        .whereLayer("inspect")
        .mayOnlyBeAccessedByLayers("publish", "session", "runs")
        .check(CLASSES);
  }

  @Test
  void aMergeIsPlannedInOnePlaceThatDoesItOnce() {
    noClasses()
        .that()
        .resideInAnyPackage("athanor.job..", "athanor.cli..")
        .and()
        .doNotHaveSimpleName("PreparedMerge")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "plans a merge",
                call ->
                    call.getTargetOwner().getSimpleName().equals("MergePlan")
                        && call.getName().equals("of")))
        .check(CLASSES);
  }

  @Test
  void noPackagesDependOnEachOtherInACircle() {
    slices().matching("athanor.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheKernelKnowsTheIncubatingVectorApi() {
    com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackage("athanor.kernel..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .check(CLASSES);
  }

  /** Within merge: values, then what plans and writes, then the methods that use both. */
  private static final String[] ROOMS_OF_MERGE = {
    "merge.method.mix",
    "merge.method",
    "merge.lora.writing",
    "merge.metadata",
    "merge.lora.resize",
    "merge.lora.extract",
    "merge.lora.spelling",
    "merge.lora.sum",
    "merge.lora",
    "merge.engine",
    "merge.plan"
  };

  /** Within cli: what runs, what it takes, what it prints, where that goes. */
  private static final String[] ROOMS_OF_CLI = {
    "cli", "cli.command", "cli.option", "cli.help", "cli.report", "cli.terminal"
  };

  /** Within recipe: the description, then its forms. */
  private static final String[] ROOMS_OF_RECIPE = {"recipe.yaml", "recipe.arguments", "recipe"};

  @Test
  void roomsOfMergeDependOnlyOnThoseFurtherDown() {
    assertOneWay(ROOMS_OF_MERGE);
  }

  @Test
  void roomsOfCliDependOnlyOnThoseFurtherDown() {
    assertOneWay(ROOMS_OF_CLI);
  }

  @Test
  void roomsOfRecipeDependOnlyOnThoseFurtherDown() {
    assertOneWay(ROOMS_OF_RECIPE);
  }

  @Test
  void whatIsOnThePageKnowsNoHttp() {
    assertOneWay("web", "web.bench");
    noClasses()
        .that()
        .resideInAPackage("athanor.web.bench..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.net.httpserver..")
        .check(CLASSES);
  }

  private static void assertOneWay(String... rooms) {
    for (int room = 1; room < rooms.length; room++) {
      String[] higher =
          Arrays.stream(rooms, 0, room).map(name -> "athanor." + name).toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("athanor." + rooms[room])
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(higher)
          .check(CLASSES);
    }
  }
}
