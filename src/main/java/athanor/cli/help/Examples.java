package athanor.cli.help;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Complete command lines, shown first in the help of a command. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Examples {
  /** The lines; one that ends in a backslash goes on in the next. */
  String[] value();
}
