package athanor.report;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a line of {@code --json} is called: the value of its first field. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface LineName {
  /** The value of {@code result} or {@code event}. */
  String value();

  /** Where several lines have this name: which of them it is, as docs/json.md says it. */
  String when() default "";
}
