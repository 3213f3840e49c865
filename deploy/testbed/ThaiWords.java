import java.text.BreakIterator;
import java.text.spi.BreakIteratorProvider;
import java.util.Locale;

/**
 * Thai words, one letter each.
 *
 * OpenSearch tries every analyser it has when an index is made, and ends there on a Java without Thai. The one
 * from PyPI is such a Java; nobody here reads Thai.
 */
public class ThaiWords extends BreakIteratorProvider {
    @Override
    public Locale[] getAvailableLocales() {
        return new Locale[] {Locale.of("th")};
    }

    @Override
    public BreakIterator getWordInstance(Locale locale) {
        return BreakIterator.getCharacterInstance(Locale.ROOT);
    }

    @Override
    public BreakIterator getCharacterInstance(Locale locale) {
        return BreakIterator.getCharacterInstance(Locale.ROOT);
    }

    @Override
    public BreakIterator getLineInstance(Locale locale) {
        return BreakIterator.getLineInstance(Locale.ROOT);
    }

    @Override
    public BreakIterator getSentenceInstance(Locale locale) {
        return BreakIterator.getSentenceInstance(Locale.ROOT);
    }
}
