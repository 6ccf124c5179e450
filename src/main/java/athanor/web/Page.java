package athanor.web;

import athanor.error.Problem;
import athanor.hub.Service;
import athanor.hub.upload.Visibility;
import athanor.job.session.JobSettings;
import athanor.net.Json;
import athanor.report.JsonLine;
import athanor.report.Shown;
import athanor.web.bench.Bench;
import athanor.web.bench.Places;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The page of {@code athanor ui}: what it can ask for, and what is done then. Closing it ends the
 * server, cancels what runs and waits until nothing half-written is left.
 */
public final class Page implements AutoCloseable {
  private final Bench bench;
  private final Places places;
  private final Feed feed;
  private final Api api;
  private final PageServer server;
  private final CountDownLatch end = new CountDownLatch(1);

  private Page(JobSettings settings, Path folder, int port, Consumer<String> defects) {
    bench = new Bench(settings, folder);
    places = new Places(roots(settings.home(), folder));
    feed = new Feed(bench);
    api = new Api(readings(), doings(), defects);
    try {
      server = PageServer.start(port, api);
    } catch (RuntimeException e) {
      bench.close();
      throw e;
    }
  }

  /**
   * Opens the page.
   *
   * @param settings the world around
   * @param folder where results go, and where the file picker begins
   * @param port where it is served, or 0 for any that is free
   * @param defects receives stack traces, without secrets, from any thread
   * @throws athanor.error.AthanorException of kind USAGE if the port is not to be had
   */
  public static Page open(JobSettings settings, Path folder, int port, Consumer<String> defects) {
    return new Page(settings, folder, port, defects);
  }

  private static Map<String, Path> roots(Path home, Path folder) {
    Map<String, Path> roots = new LinkedHashMap<>();
    roots.put("This folder (" + folder.toAbsolutePath().normalize().getFileName() + ")", folder);
    roots.put("Downloads", home.resolve("Downloads"));
    roots.put("Home", home);
    return roots;
  }

  /** The address to open; it holds the token. */
  public String address() {
    return server.address();
  }

  /** Everything that can be asked for besides the page's files, as {@code POST /api/paste}. */
  List<String> routes() {
    return api.routes();
  }

  /** Waits until somebody on the page ends it, at most so long; returns whether that was done. */
  public boolean awaitEnd(long millis) throws InterruptedException {
    return end.await(millis, TimeUnit.MILLISECONDS);
  }

  private Map<String, Api.Reading> readings() {
    return Map.of(
        "/api/events", feed::send,
        "/api/state", exchange -> send(exchange, bench.state()),
        "/api/analysis",
            exchange ->
                send(exchange, bench.analysis().<Shown>map(found -> found).orElse(new Api.Done())));
  }

  private static void send(HttpExchange exchange, Shown shown) throws IOException {
    Replies.send(
        exchange,
        200,
        "application/json; charset=utf-8",
        JsonLine.of(shown).getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, Api.Doing> doings() {
    return Map.ofEntries(
        Map.entry("/api/paste", asked -> done(() -> paste(text(asked, "text")))),
        Map.entry("/api/take", asked -> done(() -> take(asked.get("files").items()))),
        Map.entry("/api/weigh", asked -> done(() -> weigh(asked))),
        Map.entry(
            "/api/turn",
            asked -> done(() -> bench.turn(number(asked, "item"), asked.get("on").isTrue()))),
        Map.entry("/api/remove", asked -> done(() -> bench.remove(number(asked, "item")))),
        Map.entry("/api/base", asked -> done(() -> bench.chooseBase(number(asked, "item")))),
        Map.entry("/api/mix", asked -> done(() -> bench.mixIn(number(asked, "item")))),
        Map.entry("/api/recipe", asked -> done(() -> bench.openRecipe(number(asked, "item")))),
        Map.entry("/api/clear", asked -> done(bench::clear)),
        Map.entry("/api/retry", asked -> done(bench::retry)),
        Map.entry("/api/places", this::look),
        Map.entry(
            "/api/folder",
            asked -> done(() -> bench.chooseFolder(places.at(number(asked, "folder"))))),
        Map.entry(
            "/api/bake",
            asked -> done(() -> bench.bake(text(asked, "name"), asked.get("replace").isTrue()))),
        Map.entry("/api/cancel", asked -> done(() -> bench.cancel(number(asked, "job")))),
        Map.entry("/api/share", asked -> done(() -> share(asked))),
        Map.entry(
            "/api/login", asked -> done(() -> bench.login(service(asked), text(asked, "token")))),
        Map.entry("/api/end", asked -> done(end::countDown)));
  }

  private static Shown done(Runnable work) {
    work.run();
    return new Api.Done();
  }

  private Shown look(Json asked) {
    Optional<Integer> folder = asked.get("folder").whole().map(Math::toIntExact);
    return folder.isPresent() ? places.open(folder.get()) : places.top();
  }

  /** Whoever names a file by its path may look into its folder too. */
  private void paste(String text) {
    bench.paste(text);
    bench.folders().forEach(places::visited);
  }

  private void take(List<Json> files) {
    for (Json file : files) {
      paste(places.at(file.whole().map(Math::toIntExact).orElse(0)).toString());
    }
  }

  private void weigh(Json asked) {
    bench.weigh(
        number(asked, "item"),
        asked.get("ratio").number().orElseThrow(() -> missing("ratio")),
        asked.get("te").number());
  }

  private void share(Json asked) {
    bench.share(
        number(asked, "job"),
        text(asked, "repo"),
        asked.get("private").isTrue() ? Visibility.PRIVATE : Visibility.PUBLIC,
        asked.get("license").text());
  }

  private static Service service(Json asked) {
    return switch (text(asked, "service")) {
      case "hf" -> Service.HUGGING_FACE;
      case "civitai" -> Service.CIVITAI;
      default -> throw missing("service");
    };
  }

  private static String text(Json asked, String field) {
    return asked.get(field).text().orElse("");
  }

  private static int number(Json asked, String field) {
    long value = asked.get(field).whole().orElseThrow(() -> missing(field));
    return value == (int) value ? (int) value : 0;
  }

  private static RuntimeException missing(String field) {
    return Problem.usage("the request lacks a field or has a wrong one").at(field).toException();
  }

  @Override
  public void close() {
    server.close();
    bench.close();
  }
}
