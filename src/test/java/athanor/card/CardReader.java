package athanor.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.commonmark.ext.autolink.AutolinkExtension;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.CustomNode;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A card as others read it: YAML by a parser of YAML, Markdown by one of GitHub's dialect. */
final class CardReader extends AbstractVisitor {
  private static final Parser MARKDOWN =
      Parser.builder()
          .extensions(List.of(TablesExtension.create(), AutolinkExtension.create()))
          .build();

  final List<String> headings = new ArrayList<>();
  final List<String> addresses = new ArrayList<>();
  final List<String> html = new ArrayList<>();
  final List<String> code = new ArrayList<>();
  final List<String> blocks = new ArrayList<>();
  final List<Integer> rows = new ArrayList<>();
  int images;
  private StringBuilder text = new StringBuilder();

  CardReader(String card) {
    MARKDOWN.parse(body(card)).accept(this);
  }

  static Map<?, ?> frontMatter(String card) {
    assertThat(card).startsWith("---\n");
    String yaml = card.substring(4, card.indexOf("\n---\n") + 1);
    Object read = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return (Map<?, ?>) Objects.requireNonNull(read);
  }

  private static String body(String card) {
    return card.substring(card.indexOf("\n---\n") + 5);
  }

  @Override
  public void visit(Heading heading) {
    text = new StringBuilder();
    visitChildren(heading);
    headings.add(text.toString());
  }

  @Override
  public void visit(Text one) {
    text.append(one.getLiteral());
  }

  @Override
  public void visit(Link link) {
    addresses.add(link.getDestination());
    visitChildren(link);
  }

  @Override
  public void visit(Image image) {
    images++;
  }

  @Override
  public void visit(HtmlInline inline) {
    html.add(inline.getLiteral());
  }

  @Override
  public void visit(HtmlBlock block) {
    html.add(block.getLiteral());
  }

  @Override
  public void visit(Code one) {
    code.add(one.getLiteral());
  }

  @Override
  public void visit(FencedCodeBlock block) {
    blocks.add(block.getInfo() + "\n" + block.getLiteral());
  }

  @Override
  public void visit(CustomBlock block) {
    if (block instanceof TableBlock) {
      rows.add(0);
    }
    visitChildren(block);
  }

  @Override
  public void visit(CustomNode node) {
    if (node instanceof TableRow) {
      rows.set(rows.size() - 1, rows.getLast() + 1);
    }
    visitChildren(node);
  }
}
