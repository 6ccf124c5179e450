package athanor.testkit.web.upload;

import athanor.testkit.web.Seen;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recognises the kind of a request in a log. */
final class RequestKinds {
  private static final Map<Pattern, Step> KINDS = new LinkedHashMap<>();

  static {
    put("GET /api/whoami-v2", Step.WHOAMI);
    put("POST /api/repos/create", Step.CREATE);
    put("PUT /api/models/.+/settings", Step.SETTINGS);
    put("GET /api/models/.+/auth-check(/write)?", Step.AUTH_CHECK);
    put("POST /api/models/.+/branch/.+", Step.BRANCH);
    put("POST /api/validate-yaml", Step.VALIDATE);
    put("POST /api/models/.+/preupload/.+", Step.PREUPLOAD);
    put("POST /api/models/.+/commit/.+", Step.COMMIT);
    put("POST /api/complete_multipart.*", Step.COMPLETE);
    put("POST /.+\\.git/info/lfs/objects/batch", Step.BATCH);
    put("POST /.+\\.git/info/lfs/verify", Step.VERIFY);
    put("PUT /put/.+", Step.PUT);
    put("GET /api/models/[^/?]+(/[^/?]+)?(/revision/.+)?", Step.INFO);
  }

  private RequestKinds() {}

  private static void put(String pattern, Step step) {
    KINDS.put(Pattern.compile(pattern), step);
  }

  static @Nullable Step of(Seen seen) {
    String line = seen.method() + " " + seen.target();
    return KINDS.entrySet().stream()
        .filter(kind -> kind.getKey().matcher(line).matches())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
