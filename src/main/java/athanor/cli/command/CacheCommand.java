package athanor.cli.command;

import athanor.cli.option.OutputOptions;
import athanor.cli.terminal.ProgressDisplay;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.Cache;
import athanor.hub.Hub;
import athanor.report.CachedFile;
import athanor.report.FreedSpace;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor cache}: the files that were fetched from links. */
@Command(
    name = "cache",
    mixinStandardHelpOptions = true,
    description = "Lists, removes and verifies the files fetched from links.",
    footer = "The cache is in ~/.cache/athanor, or where ATHANOR_CACHE says.")
public final class CacheCommand implements Runnable {
  private static final String WHICH = "A file's name, or at least 6 digits of its SHA-256.";

  private final CommandContext context;

  CacheCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public void run() {
    throw Problem.usage("cache: ls, rm or verify?").help("see: athanor cache --help").toException();
  }

  @Command(
      name = "ls",
      mixinStandardHelpOptions = true,
      description = "Lists the files, the oldest first.")
  int ls(@Mixin OutputOptions output) {
    Screen screen = output.screen(context.out(), context.err());
    try (Hub hub = context.hub(screen)) {
      List<Cache.Entry> entries = hub.cache().entries();
      if (screen.isJson()) {
        entries.forEach(entry -> screen.result(CachedFile.of(entry, "cached")));
        return 0;
      }
      var table = new TextTable("SHA-256", "size", "added", "file", "source");
      for (Cache.Entry entry : entries) {
        CachedFile file = CachedFile.of(entry, "cached");
        table.add(
            shortHash(file),
            Sizes.bytes(file.bytes()),
            file.added().substring(0, 10),
            file.name(),
            file.source());
      }
      table.lines().forEach(screen::result);
      screen.note(
          entries.size()
              + (entries.size() == 1 ? " file, " : " files, ")
              + Sizes.bytes(entries.stream().mapToLong(Cache.Entry::size).sum())
              + " in "
              + hub.cache().folder());
    }
    return 0;
  }

  @Command(
      name = "rm",
      mixinStandardHelpOptions = true,
      description = "Removes files; they are downloaded again when they are needed.")
  int rm(
      @Parameters(arity = "0..*", paramLabel = "FILE", description = WHICH) List<String> files,
      @Option(names = "--all", description = "Everything, unfinished downloads too.") boolean all,
      @Mixin OutputOptions output) {
    Screen screen = output.screen(context.out(), context.err());
    boolean named = files != null && !files.isEmpty();
    if (named == all) {
      throw Problem.usage(all ? "--all and names together" : "nothing to remove was named")
          .expected("names, or --all")
          .help("athanor cache ls shows what is there")
          .toException();
    }
    try (Hub hub = context.hub(screen)) {
      long freed = 0;
      if (all) {
        freed = hub.cache().removeAll();
      } else {
        for (Cache.Entry entry : chosen(hub.cache(), files)) {
          freed += hub.cache().remove(entry.sha256());
        }
      }
      printFreed(screen, freed);
    }
    return 0;
  }

  private static void printFreed(Screen screen, long freed) {
    if (screen.isJson()) {
      screen.result(new FreedSpace(freed));
    } else {
      screen.result(Sizes.bytes(freed) + " are free again");
    }
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = "Reads the files and compares their hash; removes what is damaged.")
  int verify(
      @Parameters(arity = "0..*", paramLabel = "FILE", description = WHICH) List<String> files,
      @Mixin OutputOptions output) {
    Screen screen = output.screen(context.out(), context.err());
    int damaged = 0;
    try (Hub hub = context.hub(screen);
        var progress = ProgressDisplay.on(screen)) {
      Cache cache = hub.cache();
      boolean named = files != null && !files.isEmpty();
      for (Cache.Entry entry : named ? chosen(cache, files) : cache.entries()) {
        boolean sound = cache.verify(entry, progress, context.cancellation());
        damaged += sound ? 0 : 1;
        print(screen, CachedFile.of(entry, sound ? "sound" : "damaged, removed"));
      }
    }
    return damaged == 0 ? 0 : Kind.VERIFICATION.exitCode();
  }

  private static void print(Screen screen, CachedFile file) {
    if (screen.isJson()) {
      screen.result(file);
    } else {
      screen.result(shortHash(file) + " " + file.name() + ": " + file.state());
    }
  }

  private static String shortHash(CachedFile file) {
    return file.sha256().substring(0, 12);
  }

  private static Set<Cache.Entry> chosen(Cache cache, List<String> names) {
    List<Cache.Entry> entries = cache.entries();
    Set<Cache.Entry> chosen = new LinkedHashSet<>();
    for (String name : names) {
      List<Cache.Entry> found = new ArrayList<>();
      entries.stream().filter(entry -> isNamed(entry, name)).forEach(found::add);
      if (found.isEmpty()) {
        throw Problem.usage("the cache has no such file")
            .found("'" + name + "'")
            .help("athanor cache ls shows what is there")
            .toException();
      }
      chosen.addAll(found);
    }
    return chosen;
  }

  private static boolean isNamed(Cache.Entry entry, String name) {
    return String.valueOf(entry.path().getFileName()).equals(name)
        || (name.length() >= 6 && entry.sha256().startsWith(name.toLowerCase(Locale.ROOT)));
  }
}
