package athanor.report;

/**
 * Something that a command was asked for: a line of standard output with {@code --json}, with the
 * field {@code result} first.
 */
public sealed interface Result
    permits BaseFile,
        CachedFile,
        CheckedCheckpoint,
        ComparedFiles,
        WrittenCard,
        PrintedCard,
        PrintedRecipe,
        CompanionLora,
        ConvertedFile,
        DeclaredBase,
        DeclaredLora,
        Download,
        ExtractedLora,
        FetchedFile,
        FittingLora,
        Forecast,
        FreedSpace,
        InspectedFile,
        LoraAnalysis,
        LoggedOut,
        MergedCheckpoint,
        MergedLora,
        MethodOutlook,
        NoToken,
        OpenedPage,
        PublishedFiles,
        PublishingPlan,
        RebuiltFile,
        ResizedLora,
        SystemReport,
        TokenOwner {}
