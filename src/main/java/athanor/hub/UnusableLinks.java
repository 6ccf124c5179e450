package athanor.hub;

import athanor.error.Problem;
import athanor.net.Url;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses that people paste and that never lead to a file, with what to paste instead. */
final class UnusableLinks {
  private static final String BROWSER =
      "this host needs its own page or program: download with a browser, then give the file";

  /**
   * Host and path as {@code host/path?query}, what it is, and what to do; $1 is the first group.
   */
  private record Row(Pattern address, String what, String help) {}

  private static final List<Row> ROWS =
      List.of(
          row(
              "drive\\.google\\.com/file/d/([\\w-]+).*",
              "a Google Drive page that shows the file",
              "paste its download address instead:"
                  + " https://drive.usercontent.google.com/download?id=$1&export=download&confirm=t"),
          row(
              "drive\\.google\\.com/(?:open|uc).*[?&]id=([\\w-]+).*",
              "a Google Drive page that shows the file",
              "paste its download address instead:"
                  + " https://drive.usercontent.google.com/download?id=$1&export=download&confirm=t"),
          row(
              "drive\\.google\\.com/drive/.*",
              "a Google Drive folder",
              "open the file in it, choose Share, and paste the address of that one file"),
          row(
              "github\\.com/([^/]+/[^/]+)/blob/(.*)",
              "a GitHub page that shows the file",
              "paste its download address instead: https://github.com/$1/raw/$2"),
          row(
              "github\\.com/[^/]+/[^/]+/?",
              "the page of a GitHub project",
              "paste the address of one file of its releases"),
          row("(?:www\\.)?mega\\.(?:nz|io)/.*", "a Mega link, which is encrypted", BROWSER),
          row(
              "(?:1drv\\.ms|onedrive\\.live\\.com|.*\\.sharepoint\\.com)/.*",
              "a OneDrive page",
              BROWSER),
          row("(?:www\\.)?mediafire\\.com/file/.*", "a MediaFire page", BROWSER),
          row("(?:we\\.tl|wetransfer\\.com)/.*", "a WeTransfer page", BROWSER),
          row("pan\\.(?:baidu|quark)\\.(?:com|cn)/.*", "a cloud disk page", BROWSER),
          row(
              "(?:www\\.)?(?:tensor\\.art|seaart\\.ai|liblib\\.art|liblib\\.ai)/.*",
              "a gallery page",
              BROWSER),
          row(
              "(?:www\\.|old\\.)?reddit\\.com/.*|(?:www\\.)?youtube\\.com/.*|youtu\\.be/.*"
                  + "|(?:x|twitter)\\.com/.*|(?:www\\.)?discord\\.com/channels/.*",
              "a page about a model, not the model",
              "follow it to the model's page on Civitai or Hugging Face and paste that address"));

  private UnusableLinks() {}

  private static Row row(String address, String what, String help) {
    return new Row(Pattern.compile(address), what, help);
  }

  static void refuse(URI address) {
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    String text = address.getHost().toLowerCase(Locale.ROOT) + Url.path(address) + query;
    for (Row row : ROWS) {
      Matcher matcher = row.address().matcher(text);
      if (matcher.matches()) {
        throw refusal(address, row.what(), matcher.replaceFirst(row.help()));
      }
    }
  }

  static RuntimeException refusal(URI address, String what, String help) {
    return Problem.usage("this link is " + what).at(Url.shown(address)).help(help).toException();
  }
}
